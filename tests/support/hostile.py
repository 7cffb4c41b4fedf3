"""The hostile programs and what each must come to."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from bisectrix.model.attempt import Blocked, Ending, Exited, Limited, Overran, Signalled
from bisectrix.model.words import ContainmentKind

HOSTILE = Path(__file__).parents[1] / "hostile"

REFUSED = "refused"
"""Our own side says that it could not watch to the end."""

SOME = -1

WALLED = frozenset({ContainmentKind.CGROUP, ContainmentKind.NAMESPACES})


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One program of the table; expected.toml says what the columns mean."""

    name: str
    ending: str
    outcome: str = ""
    leaked: int = 0
    outside: str = ""
    stays: str = ""
    prints: str = ""
    needs: tuple[str, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    behind_walls: Mapping[str, Any] = field(default_factory=dict)
    quick: bool = False
    stalled: bool = False
    alone: bool = False
    only: tuple[str, ...] = ()

    @classmethod
    def from_table(cls, name: str, row: Mapping[str, Any]) -> Self:
        """Read one row; an unknown column is an error."""
        lists = {column: tuple(row.get(column, ())) for column in ("needs", "only")}
        return cls(name=name, **{**row, **lists})

    def under(self, kind: ContainmentKind) -> Self:
        """Return what is expected where that kind contains it."""
        return replace(self, **self.behind_walls) if kind in WALLED else self

    @property
    def path(self) -> Path:
        """The program."""
        return HOSTILE / "programs" / f"{self.name}.py"

    @property
    def missing(self) -> str:
        """What it needs that is not here; empty when all is."""
        return next((need for need in self.needs if not _is_here(need)), "")


def expectations() -> tuple[Expected, ...]:
    """Read the table."""
    table = tomllib.loads((HOSTILE / "expected.toml").read_text(encoding="utf-8"))
    return tuple(Expected.from_table(name, row) for name, row in table.items())


def words(ending: Ending) -> str:
    """Return an ending as the table has it."""
    match ending:
        case Exited(code=code):
            return f"exited {code}"
        case Signalled(signal=name):
            return name
        case Blocked():
            return "blocked"
        case Overran(label=label):
            return f"overran: {label}"
        case Limited(limit=limit):
            return f"limited: {limit}"


def outer_pid_namespace() -> str:
    """Return the pid namespace of the tests, so that a program can tell whether it is in another one."""
    return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it points to nothing


def _is_here(need: str) -> bool:
    return _MACHINE[need]() if need in _MACHINE else importlib.util.find_spec(need) is not None


def _has_pid_namespaces() -> bool:
    command = ["unshare", "--user", "--pid", "--fork", "true"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


_MACHINE = MappingProxyType({"pid namespaces": _has_pid_namespaces})
