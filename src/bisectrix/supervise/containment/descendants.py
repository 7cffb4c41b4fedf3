"""Holds an order's processes by descent: this process adopts every orphan among them."""

from __future__ import annotations

import os
from functools import partial

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.supervise import tree
from bisectrix.supervise.containment.doors import announce
from bisectrix.supervise.containment.interface import Child
from bisectrix.supervise.containment.leftovers import Leftovers
from bisectrix.supervise.containment.memory import KernelKills
from bisectrix.supervise.linux import become_subreaper
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import Reaper
from bisectrix.supervise.spawn import recruit


class Descendants:
    """All descendants of this process, which must have none but those of the order."""

    def __init__(self, how: Contained, doors: tuple[int, ...] = ()) -> None:
        """Adopt orphans from now on, and have a recruit that announces itself at each of `doors` wait for an order."""
        become_subreaper()
        self._recruit = recruit(partial(announce, doors))
        self._reaper = Reaper()
        self._reaper.expect(self._recruit.pid)
        self._kills, self._leftovers = KernelKills(), Leftovers()
        self.how = how
        self.left: tuple[str, ...] = ()

    @property
    def main(self) -> Exited | Signalled | None:
        """How the main process ended."""
        return self._reaper.main

    @property
    def cpu_s(self) -> float:
        """Used by everything that has been collected."""
        return self._reaper.cpu_s

    @property
    def counted_cpu_s(self) -> float:
        """Nobody counts."""
        return 0.0

    @property
    def peak_bytes(self) -> int:
        """Largest resident size of any one process that has been collected."""
        return self._reaper.peak_bytes

    def start(self, order: Order) -> Child:
        """Have the recruit, a child of this process, become the command."""
        self._kills = KernelKills()
        self._leftovers.begin()
        return self._recruit.start(order)

    def collect(self) -> None:
        """Reap children and adopted orphans."""
        self._reaper.reap()

    def pids(self) -> tuple[int, ...]:
        """Return what descends from this process."""
        found = tree.descendants(os.getpid())
        self._leftovers.note(found)
        return found

    def limit_crossed(self) -> Limited | None:
        """Blame what the kernel has killed for want of memory."""
        return self._kills.blamed(self.main)

    def stop(self) -> tuple[int, ...]:
        """Stop all descendants."""
        return tree.stop(self.pids)

    def end(self) -> bool:
        """Kill and reap all descendants, and remove what else they have left."""
        ended = tree.end(self.pids, self.collect)
        self.left = self._leftovers.remove()
        return ended
