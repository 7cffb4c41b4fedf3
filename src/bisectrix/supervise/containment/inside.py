"""The other side of a namespace: the porter who makes it and goes, its first process, and the recruit that becomes the command.

    warden ── porter ── first process ── recruit

Orphans of the command become children of the first process. The kernel kills all of them when it ends, and it ends
when the warden does.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from bisectrix.model.words import Network
from bisectrix.supervise.containment.doors import announce
from bisectrix.supervise.containment.tasks import most_tasks
from bisectrix.supervise.linux import Mount, Namespace, bring_up_loopback, mount, unshare
from bisectrix.supervise.order import Order
from bisectrix.supervise.spawn import Pipes, serve

PID = struct.Struct("=I")
"""The porter's report: the pid of the first process, as the warden sees it."""

ENDED = struct.Struct("=?idQ")
"""The first process' report of one that ended: is it the command, status, seconds on a core, peak bytes resident."""

_ALWAYS = Namespace.PIDS | Namespace.MOUNTS | Namespace.IPC
_HARMLESS = Mount.NO_SETUID | Mount.NO_DEVICES
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - one of its own, which goes with the namespace


@dataclass(frozen=True, kw_only=True, slots=True)
class Walls:
    """Which namespaces can be made.

    Attributes:
        users: whether one of users must come first, since we have no privilege.
        network: whether there is one of network, too.
    """

    users: bool
    network: bool

    def namespaces(self, network: Network) -> Namespace:
        """Return what an order gets that needs to reach `network`."""
        users = Namespace.USERS if self.users else Namespace(0)
        return _ALWAYS | users | (Namespace.NETWORK if self.closes(network) else Namespace(0))

    def closes(self, network: Network) -> bool:
        """Whether an order that needs to reach `network` gets a network of its own."""
        return self.network and network is not Network.BRIDGE


@dataclass(frozen=True, slots=True)
class Inside:
    """A forked warden that becomes the porter, the first process, and the recruit in turn."""

    walls: Walls
    network: Network
    doors: tuple[int, ...]
    pipes: Pipes
    lifeline: int
    reports: int

    def carry(self) -> NoReturn:
        """Make the namespaces, start their first process, and go."""
        try:
            _close_all_but(*self.pipes.ends, self.lifeline, self.reports, *self.doors)
            make(self.walls.namespaces(self.network))
            if first := os.fork():
                os.write(self.reports, PID.pack(first))
            else:
                self._serve()
        except OSError as error:
            os.write(self.pipes.failure_end, f"no namespaces: {error}".encode())
        finally:
            os._exit(0)

    def _serve(self) -> None:
        """Furnish the namespaces, fork the recruit, and reap until the warden is gone."""
        self._await_release()
        furnish(loopback=self.walls.closes(self.network) and self.network is Network.LOOPBACK)
        command = os.fork()
        if command == 0:
            serve(self.pipes, partial(announce, self.doors), self._bound)
        self.pipes.close_ends()
        os.write(self.reports, b"!")
        self._reap_until_let_go(command)

    def _await_release(self) -> None:
        """Say nothing before the warden has read who we are; without a warden, end."""
        if not os.read(self.lifeline, 1):
            os._exit(0)

    def _bound(self, order: Order) -> None:
        """Come under the limits of the order."""
        resize_shared_memory(order.limits.memory_mib)
        if self.walls.users:  # the kernel counts the tasks of a user in each such namespace apart
            most = most_tasks(order.limits)
            resource.setrlimit(resource.RLIMIT_NPROC, (most, most))

    def _reap_until_let_go(self, command: int) -> None:
        alarm, alarm_end = os.pipe()
        for end in (alarm, alarm_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(alarm_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        poll = select.poll()
        poll.register(alarm, select.POLLIN)
        poll.register(self.lifeline, 0)  # nothing but the end of whoever holds the other end
        while True:
            self._reap(command)
            for descriptor, _ in poll.poll():
                if descriptor == self.lifeline:
                    return
                os.read(alarm, 4096)

    def _reap(self, command: int) -> None:
        with suppress(ChildProcessError):
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, usage = ended
                cpu_s = usage.ru_utime + usage.ru_stime
                os.write(self.reports, ENDED.pack(pid == command, status, cpu_s, usage.ru_maxrss << 10))


def make(namespaces: Namespace) -> None:
    """Move to new namespaces, as the user that we are.

    Raises:
        OSError: the kernel refuses.
    """
    uid, gid = os.geteuid(), os.getegid()
    unshare(namespaces)
    if Namespace.USERS in namespaces:
        for file, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            Path("/proc/self", file).write_text(text, encoding="ascii")


def furnish(*, loopback: bool) -> None:
    """Give the namespaces what programs expect there; called by their first process.

    Raises:
        OSError: the kernel refuses.
    """
    mount("", "/", Mount.WITH_ALL_BELOW | Mount.PRIVATE)
    mount("proc", "/proc", _HARMLESS | Mount.NO_PROGRAMS)
    if Path(_SHARED_MEMORY).is_dir():
        mount("tmpfs", _SHARED_MEMORY, _HARMLESS, "mode=1777")
    if Path("/dev/mqueue").is_dir():
        mount("mqueue", "/dev/mqueue", _HARMLESS | Mount.NO_PROGRAMS)
    if loopback:
        bring_up_loopback()


def resize_shared_memory(most_mib: int) -> None:
    """Let the shared memory of furnished namespaces hold so much and no more.

    Raises:
        OSError: the kernel refuses.
    """
    if Path(_SHARED_MEMORY).is_dir():
        mount("tmpfs", _SHARED_MEMORY, _HARMLESS | Mount.AGAIN, f"size={most_mib}m")


def _close_all_but(*kept: int) -> None:
    """Close every descriptor from 3 on; one of the warden's, held here, would hide that it has gone."""
    edges = (2, *sorted(kept), os.sysconf("SC_OPEN_MAX"))
    for lower, upper in pairwise(edges):
        os.closerange(lower + 1, upper)
