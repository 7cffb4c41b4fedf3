"""Holds an order's processes by descent: this process adopts every orphan among them."""

from __future__ import annotations

import os

from bisectrix.model.attempt import Exited, Limited, Signalled
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc, tree
from bisectrix.supervise.containment.interface import Child
from bisectrix.supervise.linux import become_subreaper
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import Reaper
from bisectrix.supervise.spawn import spawn


class Descendants:
    """All descendants of this process, which must have none but those of the order."""

    def __init__(self, _order: Order) -> None:
        """Adopt orphans from now on."""
        become_subreaper()
        self._reaper = Reaper()
        self._oom_kills = _oom_kills()

    @property
    def main(self) -> Exited | Signalled | None:
        """How the main process ended."""
        return self._reaper.main

    @property
    def cpu_s(self) -> float:
        """Used by everything that has been collected."""
        return self._reaper.cpu_s

    @property
    def peak_bytes(self) -> int:
        """Largest resident size of any one process that has been collected."""
        return self._reaper.peak_bytes

    def start(self, order: Order) -> Child:
        """Start the command as a child of this process."""
        child = spawn(order)
        self._reaper.expect(child.pid)
        return child

    def collect(self) -> None:
        """Reap children and adopted orphans."""
        self._reaper.reap()

    def pids(self) -> tuple[int, ...]:
        """Return what descends from this process."""
        return tree.descendants(os.getpid())

    def limit_crossed(self) -> Limited | None:
        """Take a SIGKILL that was not ours for want of memory, where the kernel has killed for that meanwhile."""
        if self.main == Signalled(signal="SIGKILL") and _oom_kills() > self._oom_kills:
            return Limited(limit=LimitKind.MEMORY, detail="the kernel ran out of memory and killed it")
        return None

    def stop(self) -> tuple[int, ...]:
        """Stop all descendants."""
        return tree.stop(self.pids)

    def end(self) -> bool:
        """Kill and reap all descendants."""
        return tree.end(self.pids, self.collect)


def _oom_kills() -> int:
    """Return how often the kernel has killed for want of memory since it started."""
    counts = dict(line.split() for line in proc.read("/proc/vmstat").splitlines())
    return int(counts.get(b"oom_kill", 0))
