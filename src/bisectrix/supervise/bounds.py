"""The bounds that are watched rather than enforced by the kernel: looked at with every look at the tree."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from bisectrix.model.attempt import Limited
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc
from bisectrix.supervise.containment.interface import Containment
from bisectrix.supervise.disk import Disk
from bisectrix.supervise.order import Order
from bisectrix.supervise.sample import Look, proportional_bytes

_MIB = 1 << 20
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_USER_TIME, _SYSTEM_TIME = 11, 12
"""Where `proc.stat_fields` has the time on a core of all threads of a process, those that ended among them."""


class Bounds:
    """The bounds of one order."""

    def __init__(self, order: Order, contained: Containment) -> None:
        """Watch from now on."""
        self._limits = order.limits
        self._contained = contained
        self._started_at_s = time.monotonic()
        self._disk = Disk(order.scratch, order.limits.disk_mib)

    def crossed(self, now: Look, pids: Sequence[int]) -> Limited | None:
        """Return the first bound that is crossed."""
        return (
            self._contained.limit_crossed()
            or self._processes(now)
            or self._memory(now, pids)
            or self._cpu(pids)
            or self._disk.crossed()
        )

    def crossed_at_last(self) -> Limited | None:
        """Return what a command that has ended by itself had crossed, maybe between two looks."""
        return self._contained.limit_crossed() or self._disk.crossed(now=True)

    def _processes(self, now: Look) -> Limited | None:
        allowed = self._limits.processes
        if now.processes <= allowed:
            return None
        return Limited(limit=LimitKind.PROCESSES, detail=f"{now.processes} processes at once, {allowed} allowed")

    def _memory(self, now: Look, pids: Sequence[int]) -> Limited | None:
        """Count what is shared once; that takes longer, so it is done only where there might be too much."""
        allowed_mib = self._limits.memory_mib
        if now.resident_bytes <= allowed_mib * _MIB or (used_mib := proportional_bytes(pids) // _MIB) <= allowed_mib:
            return None
        return Limited(limit=LimitKind.MEMORY, detail=f"{used_mib} MiB in use, {allowed_mib} allowed")

    def _cpu(self, pids: Sequence[int]) -> Limited | None:
        """Look only once all cores together could have done so much."""
        allowed_s = self._limits.cpu_s
        most_s = (time.monotonic() - self._started_at_s) * (os.cpu_count() or 1)
        if most_s < allowed_s or self._contained.cpu_s + sum(map(_cpu_s, pids)) <= allowed_s:
            return None
        return Limited(limit=LimitKind.CPU, detail=f"more than {allowed_s:g} s on a core")


def _cpu_s(pid: int) -> float:
    fields = proc.stat_fields(f"/proc/{pid}/stat")
    return (int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])) / _TICKS_A_SECOND if fields else 0.0
