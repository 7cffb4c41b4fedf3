"""Tells a death for want of memory from any other, where no group of our own counts."""

from __future__ import annotations

from bisectrix.model.attempt import Exited, Limited, Signalled
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc


class KernelKills:
    """How often the kernel has killed anything for want of memory since this was made."""

    def __init__(self) -> None:
        """Count from now on."""
        self._before = _kills()

    def blamed(self, main: Exited | Signalled | None) -> Limited | None:
        """Take a SIGKILL that was not ours to be such a kill, where there was one."""
        if main == Signalled(signal="SIGKILL") and _kills() > self._before:
            return Limited(limit=LimitKind.MEMORY, detail="the kernel ran out of memory and killed it")
        return None


def _kills() -> int:
    counts = dict(line.split() for line in proc.read("/proc/vmstat").splitlines())
    return int(counts.get(b"oom_kill", 0))
