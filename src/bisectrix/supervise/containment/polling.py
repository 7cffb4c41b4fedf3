"""Holds an order's processes by looking for them again and again: all there is where the kernel offers no more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.supervise import cookie, proc, tree
from bisectrix.supervise.containment.interface import Child
from bisectrix.supervise.containment.leftovers import Leftovers
from bisectrix.supervise.containment.memory import KernelKills
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import Reaper
from bisectrix.supervise.spawn import recruit

_TERMINAL = 4
"""Where `proc.stat_fields` has the terminal of a process; 0 for none."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """The scratch of an attempt, and when its command began, in clock ticks from boot."""

    path: str
    began: int

    def workers(self) -> Iterator[int]:
        """Yield what works in it, began after the command, and is nobody's at a terminal who looks around."""
        for pid in map(int, filter(str.isdigit, proc.names("/proc"))):
            folder = proc.link(f"/proc/{pid}/cwd")
            if pid != os.getpid() and (folder == self.path or folder.startswith(f"{self.path}/")):
                fields = proc.stat_fields(f"/proc/{pid}/stat")
                if fields and fields[_TERMINAL] == b"0" and int(fields[proc.START_TIME]) >= self.began > 0:
                    yield pid


class Polling:
    """The command, what descends from it, bears its cookie or works in its folder; who was seen once is not lost again.

    Best effort: what clears its environment, moves to another folder and leaves its parent between two looks escapes.
    """

    def __init__(self, how: Contained) -> None:
        """Have a recruit wait for an order, and know no other process yet."""
        self._recruit = recruit(lambda: None)
        self._reaper = Reaper()
        self._reaper.expect(self._recruit.pid)
        self._kills, self._leftovers = KernelKills(), Leftovers()
        self._cookie = ""
        self._folder: _Folder | None = None
        self._seen = {self._recruit.pid: proc.identity(self._recruit.pid)}
        self.how = how
        self.left: tuple[str, ...] = ()

    @property
    def main(self) -> Exited | Signalled | None:
        """How the main process ended."""
        return self._reaper.main

    @property
    def cpu_s(self) -> float:
        """Used by the command and by those whose end it awaited."""
        return self._reaper.cpu_s

    @property
    def counted_cpu_s(self) -> float:
        """Nobody counts."""
        return 0.0

    @property
    def peak_bytes(self) -> int:
        """Largest resident size of the command."""
        return self._reaper.peak_bytes

    def start(self, order: Order) -> Child:
        """Have the recruit, a child of this process, become the command."""
        self._kills = KernelKills()
        self._leftovers.begin()
        self._cookie = dict(order.env).get(cookie.VARIABLE, "")
        self._folder = _Folder(str(order.scratch), _start_time(self._recruit.pid))
        return self._recruit.start(order)

    def collect(self) -> None:
        """Reap the command."""
        self._reaper.reap()

    def pids(self) -> tuple[int, ...]:
        """Look for processes, and return those found now or earlier that still exist."""
        known = {pid: identity for pid, identity in self._seen.items() if identity == proc.identity(pid)}
        bearers = cookie.holders(self._cookie) if self._cookie else []
        workers = self._folder.workers() if self._folder else ()
        roots = (*known, *bearers, *workers)
        found = dict.fromkeys(roots)
        for pid in roots:
            found |= dict.fromkeys(tree.descendants(pid))
        self._seen = {pid: known.get(pid) or proc.identity(pid) for pid in found}
        self._leftovers.note(tuple(found))
        return tuple(filter(proc.lives, found))  # a zombie needs no killing; whoever adopted it has yet to collect it

    def limit_crossed(self) -> Limited | None:
        """Blame what the kernel has killed for want of memory."""
        return self._kills.blamed(self.main)

    def stop(self) -> tuple[int, ...]:
        """Stop all that can be found."""
        return tree.stop(self.pids)

    def end(self) -> bool:
        """Kill all that can be found, and remove what else it has left."""
        ended = tree.end(self.pids, self.collect)
        self.left = self._leftovers.remove()
        return ended


def _start_time(pid: int) -> int:
    """Return when a process began, in clock ticks from boot; 0 for one that is gone."""
    fields = proc.stat_fields(f"/proc/{pid}/stat")
    return int(fields[proc.START_TIME]) if fields else 0
