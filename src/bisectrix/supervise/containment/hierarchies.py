"""Where this machine keeps control groups, and which of them we may make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc

CORE = "cgroup.kill"
"""The file by which the kernel kills a whole group at once; in version 2 only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one version of one controller is spoken to.

    Attributes:
        bound: files that set the limit.
        events: file with a line that counts how often the limit was enforced.
        event: the first word of that line.
    """

    bound: tuple[str, ...]
    events: str
    event: str


PIDS = Dialect(bound=("pids.max",), events="pids.events", event="max")
MEMORY_V2 = Dialect(bound=("memory.max",), events="memory.events", event="oom_kill")
MEMORY_V1 = Dialect(
    bound=("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), events="memory.oom_control", event="oom_kill"
)
_DIALECTS = {LimitKind.PROCESSES: (PIDS,), LimitKind.MEMORY: (MEMORY_V2, MEMORY_V1)}
_CONTROLLERS = {"pids": LimitKind.PROCESSES, "memory": LimitKind.MEMORY}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hierarchies:
    """Folders below which we may make groups; the same one may serve several ends.

    Attributes:
        kill: of version 2, where a group can be killed as one; empty when there is none.
        bounds: by the limit that the kernel enforces there.
    """

    kill: str = ""
    bounds: tuple[tuple[LimitKind, str], ...] = ()

    def only(self, granted: Hierarchies) -> Hierarchies:
        """Return these without what is not granted elsewhere, either."""
        kinds = dict(granted.bounds)
        return Hierarchies(
            kill=self.kill if granted.kill else "", bounds=tuple(bound for bound in self.bounds if bound[0] in kinds)
        )

    @property
    def folders(self) -> tuple[str, ...]:
        """Each folder once."""
        return tuple(dict.fromkeys(filter(None, (self.kill, *(folder for _, folder in self.bounds)))))


def here() -> Hierarchies:
    """Return where groups of this process belong now: it may have been moved since anybody looked."""
    return candidates(_text("/proc/self/mountinfo"), _text("/proc/self/cgroup"))


def dialect(kind: LimitKind, group: Path) -> Dialect:
    """Return how a group speaks of a limit."""
    return next(each for each in _DIALECTS[kind] if (group / each.bound[0]).exists())


def candidates(mounts: str, memberships: str) -> Hierarchies:
    """Return where groups of ours belong, whether we may make them or not.

    In version 2 that is the nearest folder from our own upwards whose groups can be bounded; in version 1 it is
    our own folder of each controller.

    Args:
        mounts: what `/proc/self/mountinfo` says.
        memberships: what `/proc/self/cgroup` says.
    """
    own = _own_folders(memberships)
    kill = ""
    bounds: dict[LimitKind, str] = {}
    for mountpoint, root, options in _mounts(mounts):
        if options is None:
            folder = _below(mountpoint, root, own.get("", "/"))
            kill, found = _version_2(folder, Path(mountpoint))
            bounds |= found
        else:
            for name in options & _CONTROLLERS.keys():
                bounds.setdefault(_CONTROLLERS[name], str(_below(mountpoint, root, own.get(name, "/"))))
    return Hierarchies(kill=kill, bounds=tuple(sorted(bounds.items())))


def _text(path: str) -> str:
    return proc.read(path).decode(errors="replace")


def _own_folders(memberships: str) -> dict[str, str]:
    """Return our folder in each hierarchy by controller; version 2 goes without a name."""
    found: dict[str, str] = {}
    for line in memberships.splitlines():
        _, names, folder = line.split(":", 2)
        found |= dict.fromkeys(names.split(","), folder)
    return found


def _mounts(text: str) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Yield where control groups are mounted, which folder of them, and the controllers; None for version 2."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mountpoint = before.split()[3:5]
        if kind == "cgroup2":
            yield mountpoint, root, None
        elif kind == "cgroup":
            yield mountpoint, root, frozenset(options.split(","))


def _below(mountpoint: str, root: str, own: str) -> Path:
    inner = os.path.relpath(own, root)
    return Path(mountpoint) if inner.startswith("..") else Path(mountpoint, inner)


def _version_2(own: Path, top: Path) -> tuple[str, Mapping[LimitKind, str]]:
    upwards = [folder for folder in (own, *own.parents) if folder.is_relative_to(top)]
    for folder in upwards:
        enabled = frozenset(proc.read(str(folder / "cgroup.subtree_control")).decode().split()) & _CONTROLLERS.keys()
        if enabled == _CONTROLLERS.keys() and os.access(folder, os.W_OK):
            return str(folder), {_CONTROLLERS[name]: str(folder) for name in enabled}
    return str(own), {}
