"""The bounds that are watched rather than enforced by the kernel: looked at with every look at the tree."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from bisectrix.model.attempt import Limited
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc
from bisectrix.supervise.containment.interface import Containment
from bisectrix.supervise.containment.tasks import most_tasks
from bisectrix.supervise.disk import Disk
from bisectrix.supervise.order import Order
from bisectrix.supervise.sample import proportional_bytes
from bisectrix.supervise.sampler import Extent, Glance

_MIB = 1 << 20
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_TIMES = slice(11, 15)
"""Where `proc.stat_fields` has the time on a core of a process, its own and that of children whose end it awaited."""


class Bounds:
    """The bounds of one order."""

    def __init__(self, order: Order, contained: Containment) -> None:
        """Watch from now on."""
        self._limits = order.limits
        self._threads = most_tasks(order.limits)
        self._contained = contained
        self._started_at_s = self._stirred_at_s = time.monotonic()
        self._disk = Disk(order.scratch, order.limits.disk_mib)

    def crossed(self, now: Glance) -> Limited | None:
        """Return the first bound that is crossed; what has not run since it was looked at has crossed none."""
        if not now.stirred:
            return self._disk.crossed(now.pids) if self._disk.begun_at_s < self._stirred_at_s else None
        self._stirred_at_s = time.monotonic()
        return (
            self._contained.limit_crossed()
            or self._processes(now.extent)
            or self._memory(now.extent, now.pids)
            or self._cpu(now.pids)
            or self._disk.crossed(now.pids)
        )

    def crossed_at_last(self) -> Limited | None:
        """Return what a command that has ended by itself had crossed, maybe between two looks."""
        return self._contained.limit_crossed() or self._disk.crossed(self._contained.pids(), now=True)

    def _processes(self, now: Extent) -> Limited | None:
        counts = ((now.processes, self._limits.processes, "processes"), (now.threads, self._threads, "threads"))
        for found, allowed, what in counts:
            if found > allowed:
                return Limited(limit=LimitKind.PROCESSES, detail=f"{found} {what} at once, {allowed} allowed")
        return None

    def _memory(self, now: Extent, pids: Sequence[int]) -> Limited | None:
        """Count what is shared once; that takes longer, so it is done only where there might be too much."""
        allowed_mib = self._limits.memory_mib
        if now.resident_bytes <= allowed_mib * _MIB or (used_mib := proportional_bytes(pids) // _MIB) <= allowed_mib:
            return None
        return Limited(limit=LimitKind.MEMORY, detail=f"{used_mib} MiB in use, {allowed_mib} allowed")

    def _cpu(self, pids: Sequence[int]) -> Limited | None:
        """Look only once all cores together could have done so much."""
        allowed_s = self._limits.cpu_s
        most_s = (time.monotonic() - self._started_at_s) * (os.cpu_count() or 1)
        if most_s < allowed_s or max(self._contained.counted_cpu_s, self._seen_cpu_s(pids)) <= allowed_s:
            return None
        return Limited(limit=LimitKind.CPU, detail=f"more than {allowed_s:g} s on a core")

    def _seen_cpu_s(self, pids: Sequence[int]) -> float:
        return self._contained.cpu_s + sum(map(_cpu_s, pids))


def _cpu_s(pid: int) -> float:
    return sum(map(int, proc.stat_fields(f"/proc/{pid}/stat")[_TIMES])) / _TICKS_A_SECOND
