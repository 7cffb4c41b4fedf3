"""A control group of one order: bounded by the kernel, killed as one, named by its owner so that none stays for ever."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bisectrix.model.attempt import Limited
from bisectrix.model.repro import Limits
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc, tree
from bisectrix.supervise.containment.enforced import count, memory_told, met_its_memory, processes_told
from bisectrix.supervise.containment.hierarchies import CORE, Dialect, Hierarchies, dialect
from bisectrix.supervise.containment.tasks import most_tasks

_NAME = re.compile(r"bisectrix-(?P<world>\d+-[0-9a-f]{8})-(?P<pid>\d+)-(?P<start>\d+)")
_REMOVED_WITHIN_S = 10.0
_PAUSE_S = 0.001
_MIB = 1 << 20
_US = 1e6


class Group:
    """One group, a folder of the same name in each hierarchy; it belongs to the process that made it."""

    def __init__(self, hierarchies: Hierarchies) -> None:
        """Make it, with no process in it and no bound.

        Raises:
            OSError: a folder was refused.
        """
        self._limits = Limits()
        name = f"bisectrix-{_world()}-{proc.identity(os.getpid()).replace(' ', '-')}"
        self._folders = [Path(folder, name) for folder in hierarchies.folders]
        self._kill = Path(hierarchies.kill, name) if hierarchies.kill else None
        self._dialects: dict[LimitKind, Dialect] = {}
        self._bounds = {kind: Path(folder, name) for kind, folder in hierarchies.bounds}
        try:
            for folder in self._folders:
                folder.mkdir(exist_ok=True)
        except OSError:
            self.remove()
            raise

    def bound(self, limits: Limits) -> None:
        """Have the kernel enforce limits.

        Raises:
            OSError: one was refused.
        """
        self._limits = limits
        self._dialects = {kind: dialect(kind, folder) for kind, folder in self._bounds.items()}
        amounts = {LimitKind.PROCESSES: most_tasks(limits), LimitKind.MEMORY: limits.memory_mib * _MIB}
        for kind, folder in self._bounds.items():
            _bound(folder, self._dialects[kind], amounts[kind])

    def doors(self) -> tuple[int, ...]:
        """Open what a process writes to in order to join; the descriptors are the caller's."""
        return tuple(os.open(folder / "cgroup.procs", os.O_WRONLY) for folder in self._folders)

    def crossed(self) -> Limited | None:
        """Return the bound that the kernel has enforced."""
        for kind, spoken in self._dialects.items():
            if self._was_enforced(kind, spoken):
                return Limited(limit=kind, detail=self._detail(kind))
        return None

    @property
    def cpu_s(self) -> float:
        """Time on a core of all that ever was in it; 0 where the kernel does not tell."""
        return _cpu_us(self._kill) / _US if self._kill else 0.0

    @property
    def peak_bytes(self) -> int:
        """All the memory that is allowed, where the kernel has enforced that; else 0, it is not known."""
        spoken = self._dialects.get(LimitKind.MEMORY)
        killed = spoken and self._was_enforced(LimitKind.MEMORY, spoken)
        return self._limits.memory_mib * _MIB if killed and met_its_memory(self._bounds[LimitKind.MEMORY]) else 0

    def kill(self) -> None:
        """Kill whatever is in it."""
        for folder in self._folders:
            kill_group(folder)

    def remove(self, within_s: float = _REMOVED_WITHIN_S) -> bool:
        """Remove it, and return whether that went; a process that the kernel holds keeps it."""
        return not _remove_all(self._folders, within_s)

    def _was_enforced(self, kind: LimitKind, spoken: Dialect) -> bool:
        return count(self._bounds[kind] / spoken.events, spoken.event) > 0

    def _detail(self, kind: LimitKind) -> str:
        if kind is LimitKind.MEMORY:
            return memory_told(self._bounds[kind], self._limits.memory_mib)
        return processes_told(self._bounds[kind], most_tasks(self._limits))


def sweep(hierarchies: Hierarchies, within_s: float = _REMOVED_WITHIN_S) -> tuple[str, ...]:
    """Kill and remove groups whose owners are dead, of this pid namespace and this start of the machine alone.

    Returns:
        Names of those that could not be removed.
    """
    parents = map(Path, hierarchies.folders)
    lost = [parent / name for parent in parents for name in proc.names(str(parent)) if _has_lost_its_owner(name)]
    for folder in lost:
        kill_group(folder)
    return tuple(folder.name for folder in _remove_all(lost, within_s))


def _has_lost_its_owner(name: str) -> bool:
    owner = _NAME.fullmatch(name)
    if owner is None or owner["world"] != _world():
        return False
    return proc.identity(int(owner["pid"])) != f"{owner['pid']} {owner['start']}"


def kill_group(folder: Path) -> None:
    """Kill whatever is in a group or in one below it."""
    with suppress(OSError):
        if (folder / CORE).exists():
            (folder / CORE).write_text("1", encoding="ascii")
            return
    for inner, _, _ in os.walk(folder):
        tree.send([int(pid) for pid in proc.read(f"{inner}/cgroup.procs").split()], signal.SIGKILL)


def _remove_all(folders: Sequence[Path], within_s: float) -> list[Path]:
    """Remove empty groups, and return those that could not be; the dead may need a moment to leave them."""
    give_up = time.monotonic() + within_s
    while left := [folder for folder in folders if not _remove(folder)]:
        if time.monotonic() > give_up:
            break
        time.sleep(_PAUSE_S)
    return left


def _remove(folder: Path) -> bool:
    """Remove an empty group with those below it, and return whether it is gone."""
    try:
        for inner, _, _ in os.walk(folder, topdown=False):
            os.rmdir(inner)  # noqa: PTH106 - os.walk speaks in strings
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


def _bound(folder: Path, spoken: Dialect, amount: int) -> None:
    first, *more = spoken.bound
    (folder / first).write_text(str(amount), encoding="ascii")
    for name in more:
        with suppress(OSError):
            (folder / name).write_text(str(amount), encoding="ascii")
    with suppress(OSError):
        if (folder / "memory.swap.max").exists():
            (folder / "memory.swap.max").write_text("0", encoding="ascii")


def _cpu_us(folder: Path) -> int:
    return count(folder / "cpu.stat", "usage_usec")


def _world() -> str:
    """Return what pids are valid in: a pid namespace, and one start of the machine."""
    boot = proc.read("/proc/sys/kernel/random/boot_id").decode()[:8]
    return f"{os.stat('/proc/self/ns/pid').st_ino}-{boot}"  # noqa: PTH116 - the inode is the name
