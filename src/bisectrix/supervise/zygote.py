"""A small process that has everything imported and forks wardens, each before it is asked for; started with `python -m`.

Requests come through descriptor 0: a verb, a pid, and one descriptor passed along.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import NoReturn

from bisectrix.model.words import ContainmentKind
from bisectrix.supervise import tree
from bisectrix.supervise.containment.group import sweep
from bisectrix.supervise.containment.hierarchies import here
from bisectrix.supervise.containment.machine import Machine, explore
from bisectrix.supervise.containment.spare import Spare
from bisectrix.supervise.linux import become_subreaper
from bisectrix.supervise.warden import EVIDENCE_S, Collect, Warden

REQUEST = struct.Struct("=cI")
WATCH = b"w"
"""Have a warden speak through the descriptor passed along."""
END = b"e"
"""Kill the warden named with all that it held, then answer `CLEAN` or `LEFT` through the descriptor."""
CLEAN = b"c"
LEFT = b"l"

_SPARE_AFTER_S = 0.1
"""A command that starts is not kept waiting by what is made for the next one: joining a group stops forks everywhere."""

_WARDENS_END_S = EVIDENCE_S + 10.0
_END_S = 5.0
_PAUSE_S = 0.002
_KEPT = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE}


class Zygote:
    """Has a warden ready for each request and collects them; orphans of a warden that was killed are killed."""

    def __init__(self, harness: socket.socket, collect: Collect, machine: Machine, kind: ContainmentKind) -> None:
        """Serve `harness`; every warden takes evidence with `collect` and holds its cell by `kind`."""
        self._harness = harness
        self._collect = collect
        self._machine = machine
        self._kind = kind
        self._wardens: set[int] = set()
        self._stuck: set[int] = set()
        self._stuck_groups: tuple[str, ...] = ()
        self._spare: socket.socket | None = None
        self._alarm, self._alarm_end = socket.socketpair()
        for end in (self._alarm, self._alarm_end):
            os.set_blocking(end.fileno(), False)

    def serve(self) -> None:
        """Serve until the harness goes away, then see all wardens off."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._alarm_end.fileno(), warn_on_full_buffer=False)
        self._keep_one_ready()
        while True:
            readable, _, _ = select.select(
                [self._harness, self._alarm], [], [], _SPARE_AFTER_S if self._lacks_one else None
            )
            if not readable:
                self._keep_one_ready()
            if self._alarm in readable:
                self._alarm.recv(4096)
                self._tidy()
            if self._harness in readable and not self._answer():
                return self._see_off()

    @property
    def _lacks_one(self) -> bool:
        return self._spare is None

    def _keep_one_ready(self) -> None:
        """Have a warden wait; where there is no room for a process now, there may be a little later."""
        with suppress(BlockingIOError):
            self._spare = self._spare or self._fork_warden()

    def _answer(self) -> bool:
        """Answer one request; false when the harness has gone."""
        try:
            request, descriptors, _, _ = socket.recv_fds(self._harness, REQUEST.size, 1)
        except ConnectionResetError:
            return False
        if len(request) < REQUEST.size or len(descriptors) != 1:
            return False
        verb, pid = REQUEST.unpack(request)
        with socket.socket(fileno=descriptors[0]) as passed:
            os.set_inheritable(passed.fileno(), False)  # noqa: FBT003 - what is passed along comes inheritable
            if verb == WATCH:
                self._hand_over(passed)
            else:
                clean = self._end(pid)
                with suppress(OSError):
                    passed.sendall(CLEAN if clean else LEFT)
        return True

    def _hand_over(self, channel: socket.socket) -> None:
        """Pass the channel to the warden that waits; to a fresh one, should somebody have killed that."""
        for _ in range(2):
            with suppress(OSError), self._spare or self._fork_warden() as waiting:
                self._spare = None
                socket.send_fds(waiting, [WATCH], [channel.fileno()])
                return

    def _fork_warden(self) -> socket.socket:
        """Fork a warden that waits for its channel, and return where it does; the end of that ends it."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._become_warden(theirs)
        theirs.close()
        self._wardens.add(pid)
        return ours

    def _become_warden(self, waiting: socket.socket) -> NoReturn:
        try:
            self._let_go()
            os.setsid()
            spare = Spare(self._machine, self._kind)
            _, descriptors, _, _ = socket.recv_fds(waiting, len(WATCH), 1)
            waiting.close()
            if descriptors:
                _watch(socket.socket(fileno=descriptors[0]), self._collect, spare)
            else:
                spare.let_go()
        finally:  # nothing may return into the zygote's loop
            os._exit(0)

    def _let_go(self) -> None:
        """Close what belongs to the zygote; a warden that held the harness' socket would hide that it has gone."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, self._harness.detach())
        os.close(null)
        self._alarm.close()
        self._alarm_end.close()

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._wardens.discard(ended)
                self._stuck.discard(ended)

    def _orphans(self) -> tuple[int, ...]:
        return tree.descendants(os.getpid(), spare=frozenset(self._wardens | self._stuck))

    def _tidy(self) -> bool:
        """Kill what no warden holds, and return whether all of that is gone; what is stuck is waited for once alone."""
        if not tree.end(self._orphans, self._reap, within_s=_END_S):
            self._stuck.update(self._orphans())
        known = self._stuck or self._stuck_groups
        self._stuck_groups = sweep(here(), within_s=0.0 if known else _END_S)
        return not self._stuck and not self._stuck_groups

    def _end(self, pid: int) -> bool:
        self._reap()
        if pid in self._wardens:
            os.kill(pid, signal.SIGKILL)
            self._await_wardens({pid}, _END_S)
        return self._tidy() and pid not in self._wardens

    def _await_wardens(self, pids: set[int], within_s: float) -> None:
        give_up = time.monotonic() + within_s
        while pids & self._wardens and time.monotonic() < give_up:
            time.sleep(_PAUSE_S)
            self._reap()

    def _see_off(self) -> None:
        """Wait for the wardens, which have seen the harness go, too; kill those that do not end."""
        if self._spare:
            self._spare.close()
        self._await_wardens(set(self._wardens), _WARDENS_END_S)
        for pid in tuple(self._wardens):
            self._end(pid)
        self._tidy()


def _watch(channel: socket.socket, collect: Collect, spare: Spare) -> None:
    os.set_inheritable(channel.fileno(), False)  # noqa: FBT003 - what is passed along comes inheritable
    warden = Warden(channel, collect, spare.contain)
    try:
        warden.serve()
    except BaseException:  # noqa: BLE001 - the harness is told of all
        warden.complain()


def load(name: str) -> Collect:
    """Return the function that `module:function` names."""
    module, _, function = name.partition(":")
    collect: Collect = getattr(importlib.import_module(module), function)
    return collect


def main() -> None:
    """Serve the harness at the other end of descriptor 0."""
    for number in signal.valid_signals() - _KEPT:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    collect = load(sys.argv[1])
    machine = explore()
    kind = ContainmentKind(sys.argv[2]) if sys.argv[2] else machine.best
    if not machine.offers(kind):
        sys.exit(f"cannot hold cells by {kind}: {'; '.join(machine.refusals)}")
    if kind is not ContainmentKind.POLLING:
        become_subreaper()
    sweep(here())
    gc.collect()
    gc.freeze()
    Zygote(socket.socket(fileno=0), collect, machine, kind).serve()


if __name__ == "__main__":
    main()
