"""Looks for what a program may have left behind: processes, groups, mounts, shared memory, folders."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bisectrix.supervise import proc
from support.outer import Outer

_SETTLED_WITHIN_S = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """What is known of a program to look for.

    Attributes:
        mark: a variable and its value, which all its processes have in their environment unless they cleared it.
        key: of its System V objects.
        folder: its own; its processes work in it, what it mounts lies below it.
        temporary: where we ourselves put what we need for a moment.
        outer: the bound around it and its watchers; None where there is none.
        watchers: processes of ours that are in the bound for good.
    """

    mark: str
    key: int
    folder: Path
    temporary: Path
    outer: Outer | None
    watchers: frozenset[int]

    def findings(self) -> list[str]:
        """Return what is left, a line each; what is just going gets a moment to be gone."""
        give_up = time.monotonic() + _SETTLED_WITHIN_S
        while (found := list(self._found())) and time.monotonic() < give_up:
            time.sleep(0.02)
        return found

    def _found(self) -> Iterator[str]:
        yield from (f"alive: {pid} {proc.command_line(pid)}" for pid in self._alive())
        yield from (f"group: {folder}" for folder in _our_groups(self.outer))
        yield from (f"mount: {line}" for line in _mounts() if str(self.folder) in line)
        yield from (f"shared memory: {name}" for name in proc.names("/dev/shm") if self._value in name)  # noqa: S108 - to look
        yield from (f"System V: {kind}" for kind in ("shm", "sem", "msg") if self.key in _keys(kind))
        yield from (f"temporary: {name}" for name in proc.names(str(self.temporary)))

    @property
    def _value(self) -> str:
        return self.mark.partition("=")[2]

    def _alive(self) -> Iterator[int]:
        inside = self.outer.members() - self.watchers if self.outer else frozenset()
        for pid in (int(name) for name in proc.names("/proc") if name.isdigit()):
            if pid != os.getpid() and (pid in inside or self._bears_mark(pid)) and proc.state(pid) not in {"", "Z"}:
                yield pid

    def _bears_mark(self, pid: int) -> bool:
        marked = self.mark.encode() in proc.read(f"/proc/{pid}/environ").split(b"\0")
        return marked or proc.link(f"/proc/{pid}/cwd").startswith(str(self.folder))


def _our_groups(outer: Outer | None) -> list[Path]:
    return [folder for folder in outer.folder.glob("*/") if folder != outer.folder] if outer else []


def _mounts() -> list[str]:
    return proc.read("/proc/self/mounts").decode(errors="replace").splitlines()


def _keys(kind: str) -> set[int]:
    lines = proc.read(f"/proc/sysvipc/{kind}").decode().splitlines()[1:]
    return {int(line.split()[0]) for line in lines}
