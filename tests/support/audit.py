"""Looks for what programs may have left behind: processes, groups, mounts, shared memory, message queues, folders."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bisectrix.supervise import proc
from bisectrix.supervise.linux import mount_apart
from support.outer import Outer

_SETTLED_WITHIN_S = 5.0
_GROUPS = Path("/sys/fs/cgroup")


def settled(look: Callable[[], Iterable[str]]) -> list[str]:
    """Return what is found when what is just going has had a moment to be gone."""
    give_up = time.monotonic() + _SETTLED_WITHIN_S
    while (found := list(look())) and time.monotonic() < give_up:
        time.sleep(0.02)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """What is known of one program, to look for what it left.

    Attributes:
        mark: a variable and its value, which all its processes have in their environment unless they cleared it.
        key: of its System V objects.
        folder: its own; its processes work in it, what it mounts lies below it.
    """

    mark: str
    key: int
    folder: Path

    def left(self) -> Iterator[str]:
        """Yield what is left of it now, a line each."""
        value = self.mark.partition("=")[2]
        yield from (f"alive: {pid} {proc.command_line(pid)}" for pid in _pids() if self._is_ours(pid))
        yield from (f"mount: {line}" for line in _mounts() if str(self.folder) in line)
        yield from (f"shared memory: {name}" for name in proc.names("/dev/shm") if value in name)  # noqa: S108 - to look
        yield from (f"message queue: {name}" for name in _message_queues() if value in name)
        yield from (f"System V: {kind}" for kind in ("shm", "sem", "msg") if self.key in _keys(kind))

    def take_away(self, kind: str) -> None:
        """Remove its System V object of one kind; it must be there."""
        letter = {"sem": "S", "msg": "Q"}[kind]
        subprocess.run(["ipcrm", f"-{letter}", str(self.key)], check=True, timeout=60)

    def _is_ours(self, pid: int) -> bool:
        marked = self.mark.encode() in proc.read(f"/proc/{pid}/environ").split(b"\0")
        works_there = proc.link(f"/proc/{pid}/cwd").startswith(str(self.folder))
        return (marked or works_there) and proc.lives(pid)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What is around all programs, and must be as before when they are gone.

    Attributes:
        temporary: where we ourselves put what we need for a moment.
        outer: the bound around them and their watchers; None where there is none.
        watchers: processes that are in the bound for good.
        groups: control groups of ours that were there before.
    """

    temporary: Path
    outer: Outer | None
    watchers: frozenset[int]
    groups: frozenset[str]

    def left(self) -> Iterator[str]:
        """Yield what is left now, a line each."""
        inside = self.outer.members() - self.watchers if self.outer else frozenset()
        yield from (f"alive: {pid} {proc.command_line(pid)}" for pid in inside if proc.lives(pid))
        yield from (f"group: {name}" for name in groups_of_the_dead() - self.groups)
        yield from (f"temporary: {name}" for name in proc.names(str(self.temporary)))


def groups_of_the_dead() -> frozenset[str]:
    """Return the control groups that are named after a warden that lives no more."""
    folders = (Path(folder) for folder, _, _ in os.walk(_GROUPS))  # a group may go while we look
    named = [path for path in folders if path.name.startswith("bisectrix-") and path.name.count("-") > 2]
    return frozenset(str(path) for path in named if proc.identity(int(path.name.split("-")[-2])) != _identity(path))


def _identity(path: Path) -> str:
    return " ".join(path.name.split("-")[-2:])


def _pids() -> Iterator[int]:
    return (int(name) for name in proc.names("/proc") if name.isdigit() and int(name) != os.getpid())


def _mounts() -> list[str]:
    return proc.read("/proc/self/mounts").decode(errors="replace").splitlines()


def _message_queues() -> list[str]:
    """Return the names of all; mounted where nobody else sees it, if we may."""
    try:
        folder = mount_apart("mqueue")
    except OSError:
        return proc.names("/dev/mqueue")
    try:
        return os.listdir(folder)  # noqa: PTH208 - a descriptor
    finally:
        os.close(folder)


def _keys(kind: str) -> set[int]:
    lines = proc.read(f"/proc/sysvipc/{kind}").decode().splitlines()[1:]
    return {int(line.split()[0]) for line in lines}
