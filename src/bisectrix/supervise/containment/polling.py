"""Holds an order's processes by looking for them again and again: all there is where the kernel offers no more."""

from __future__ import annotations

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.supervise import cookie, proc, tree
from bisectrix.supervise.containment.interface import Child
from bisectrix.supervise.containment.memory import KernelKills
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import Reaper
from bisectrix.supervise.spawn import spawn

_GONE = frozenset({"", "X", "Z"})
"""States of those who need no killing; whoever adopted a zombie has yet to collect it."""


class Polling:
    """The command, what descends from it, and what bears its cookie; whoever was seen once is not lost again.

    Best effort: what clears its environment and leaves its parent between two looks escapes.
    """

    def __init__(self, how: Contained) -> None:
        """Know no process yet."""
        self._reaper = Reaper()
        self._kills = KernelKills()
        self._cookie = ""
        self._seen: dict[int, str] = {}
        self.how = how

    @property
    def main(self) -> Exited | Signalled | None:
        """How the main process ended."""
        return self._reaper.main

    @property
    def cpu_s(self) -> float:
        """Used by the command and by those whose end it awaited."""
        return self._reaper.cpu_s

    @property
    def peak_bytes(self) -> int:
        """Largest resident size of the command."""
        return self._reaper.peak_bytes

    def start(self, order: Order) -> Child:
        """Start the command as a child of this process."""
        child = spawn(order, lambda: None)
        self._cookie = dict(order.env).get(cookie.VARIABLE, "")
        self._reaper.expect(child.pid)
        self._seen = {child.pid: proc.identity(child.pid)}
        return child

    def collect(self) -> None:
        """Reap the command."""
        self._reaper.reap()

    def pids(self) -> tuple[int, ...]:
        """Look for processes, and return those found now or earlier that still exist."""
        known = {pid: identity for pid, identity in self._seen.items() if identity == proc.identity(pid)}
        bearers = cookie.holders(self._cookie) if self._cookie else []
        found = dict.fromkeys((*known, *bearers))
        for pid in (*known, *bearers):
            found |= dict.fromkeys(tree.descendants(pid))
        self._seen = {pid: known.get(pid) or proc.identity(pid) for pid in found}
        return tuple(pid for pid in found if proc.state(pid) not in _GONE)

    def limit_crossed(self) -> Limited | None:
        """Blame what the kernel has killed for want of memory."""
        return self._kills.blamed(self.main)

    def stop(self) -> tuple[int, ...]:
        """Stop all that can be found."""
        return tree.stop(self.pids)

    def end(self) -> bool:
        """Kill all that can be found."""
        return tree.end(self.pids, self.collect)
