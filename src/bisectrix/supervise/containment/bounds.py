"""What the control groups of a container say: how much it used, and which of its bounds the kernel has enforced."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.attempt import Limited
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc
from bisectrix.supervise.containment.enforced import count, memory_told, processes_told

ROOT = Path("/sys/fs/cgroup")
_UNIFIED = ""
_NS = 1e9
_US = 1e6


@dataclass(slots=True)
class Bounds:
    """The groups of one process and all it starts; what cannot be read counts as nothing.

    Attributes:
        groups: controller to folder; the empty name stands for the one hierarchy of version 2.
        used_s: time on a core that was used before `begin`.
    """

    groups: dict[str, Path]
    used_s: float = 0.0

    @classmethod
    def of(cls, pid: int, root: Path = ROOT) -> Bounds:
        """Find the groups of a process."""
        groups = dict(_groups(proc.read(f"/proc/{pid}/cgroup").decode(), root))
        return cls(groups)

    def hold(self, memory_mib: int, tasks: int) -> bool:
        """Say whether the kernel enforces bounds no wider than these on memory and on processes with threads."""
        memory = self._number("memory", "memory.limit_in_bytes") or self._number(_UNIFIED, "memory.max")
        most = self._number("pids", "pids.max") or self._number(_UNIFIED, "pids.max")
        return 0 < memory <= memory_mib << 20 and 0 < most <= tasks

    def begin(self) -> None:
        """Count time from now on."""
        self.used_s += self.cpu_s()

    def cpu_s(self) -> float:
        """Return the time used since `begin`, by all processes together."""
        nanoseconds = self._number("cpuacct", "cpuacct.usage") / _NS
        unified = self.groups.get(_UNIFIED)
        microseconds = count(unified / "cpu.stat", "usage_usec") / _US if unified else 0.0
        return max(nanoseconds, microseconds) - self.used_s if nanoseconds or microseconds else 0.0

    def crossed(self) -> Limited | None:
        """Return the bound that was met, memory first."""
        for group in self._found("memory"):
            if count(group / "memory.oom_control", "oom_kill") or count(group / "memory.events", "oom_kill"):
                return Limited(limit=LimitKind.MEMORY, detail=memory_told(group, self._memory_mib()))
        for group in self._found("pids"):
            if count(group / "pids.events", "max"):
                limit = self._number("pids", "pids.max") or self._number(_UNIFIED, "pids.max")
                return Limited(limit=LimitKind.PROCESSES, detail=processes_told(group, limit))
        return None

    def _found(self, controller: str) -> list[Path]:
        """Return its folder in version 1, and that of version 2, where there are such."""
        return [self.groups[name] for name in (controller, _UNIFIED) if name in self.groups]

    def _memory_mib(self) -> int:
        limit = self._number("memory", "memory.limit_in_bytes") or self._number(_UNIFIED, "memory.max")
        return limit >> 20

    def _number(self, controller: str, name: str) -> int:
        text = self._read(controller, name).strip()
        return int(text) if text.isdigit() else 0

    def _read(self, controller: str, name: str) -> bytes:
        folder = self.groups.get(controller)
        return proc.read(str(folder / name)) if folder else b""


def _groups(text: str, root: Path) -> list[tuple[str, Path]]:
    """Read `/proc/PID/cgroup`: version 1 has a line for each hierarchy, version 2 one line."""
    found = []
    for line in text.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            mounted = root if (root / "cgroup.controllers").exists() else root / "unified"
            found.append((_UNIFIED, mounted / path.lstrip("/")))
        else:
            found.extend((name, root / name / path.lstrip("/")) for name in controllers.split(","))
    return found
