"""A small process that has everything imported and forks a warden in milliseconds; started with `python -m`.

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
from functools import partial
from typing import NoReturn

from bisectrix.model.words import ContainmentKind
from bisectrix.supervise import tree
from bisectrix.supervise.containment.group import sweep
from bisectrix.supervise.containment.hierarchies import here
from bisectrix.supervise.containment.machine import Machine, explore
from bisectrix.supervise.linux import become_subreaper
from bisectrix.supervise.warden import EVIDENCE_S, Collect, Warden

REQUEST = struct.Struct("=cI")
WATCH = b"w"
"""Fork a warden that speaks through the descriptor passed along."""
END = b"e"
"""Kill the warden named with all that it held, then answer `CLEAN` or `LEFT` through the descriptor."""
CLEAN = b"c"
LEFT = b"l"

_WARDENS_END_S = EVIDENCE_S + 10.0
_END_S = 5.0
_PAUSE_S = 0.002
_KEPT = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE}


class Zygote:
    """Forks wardens on request and collects them; orphans of a warden that was killed are killed."""

    def __init__(self, harness: socket.socket, collect: Collect, machine: Machine, kind: ContainmentKind) -> None:
        """Serve `harness`; every warden takes evidence with `collect` and holds its cell by `kind`."""
        self._harness = harness
        self._collect = collect
        self._machine = machine
        self._kind = kind
        self._wardens: set[int] = set()
        self._alarm, self._alarm_end = socket.socketpair()
        for end in (self._alarm, self._alarm_end):
            os.set_blocking(end.fileno(), False)

    def serve(self) -> None:
        """Serve until the harness goes away, then see all wardens off."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._alarm_end.fileno(), warn_on_full_buffer=False)
        while True:
            readable, _, _ = select.select([self._harness, self._alarm], [], [])
            if self._alarm in readable:
                self._alarm.recv(4096)
                self._tidy()
            if self._harness in readable and not self._answer():
                return self._see_off()

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
                self._fork_warden(passed)
            else:
                clean = self._end(pid)
                with suppress(OSError):
                    passed.sendall(CLEAN if clean else LEFT)
        return True

    def _fork_warden(self, channel: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_warden(channel)
        self._wardens.add(pid)

    def _become_warden(self, channel: socket.socket) -> NoReturn:
        warden = Warden(channel, self._collect, partial(self._machine.contain, self._kind))
        try:
            self._let_go()
            warden.serve()
        except BaseException:  # noqa: BLE001 - nothing may return into the zygote's loop
            warden.complain()
        finally:
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

    def _orphans(self) -> tuple[int, ...]:
        return tree.descendants(os.getpid(), spare=frozenset(self._wardens))

    def _tidy(self) -> bool:
        ended = tree.end(self._orphans, self._reap, within_s=_END_S)
        return not sweep(here()) and ended

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
        self._await_wardens(set(self._wardens), _WARDENS_END_S)
        for pid in tuple(self._wardens):
            self._end(pid)
        self._tidy()


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
