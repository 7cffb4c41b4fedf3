"""What two releases differ in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

MODULE = "<module>"
"""Name of the place that is a module's own code; what Python calls it in a stack."""


class Change(StrEnum):
    """What happened to something on the way from one release to the other."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What is kept of a file too large to be looked into."""

    sha256: str
    size_bytes: int


Content: TypeAlias = bytes | Digest
Files: TypeAlias = Mapping[str, Content]
"""Path, with `/` between its parts and as it would be below `site-packages`, to content."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A function, method or class, or the code of a module that is in none of them.

    Attributes:
        name: dotted from the module's top, `Cassette.play_response`; `<module>` for the module's own code.
        size: lines that differ, comments, docstrings and layout not counted.
        spans: first and last line, from 1, of its definitions in both releases; empty for a module's own code.
    """

    name: str
    change: Change
    size: int
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """A file that is in one release only, or another one in each.

    Attributes:
        size: lines that differ; 0 where it is no text, or too large to look into.
        places: what changed in it, in the order of their names; empty where it is no Python or cannot be parsed.
    """

    path: str
    change: Change
    size: int
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DependencyChange:
    """A project that is required otherwise than before.

    Attributes:
        name: canonical.
        is_optional: only those who ask for an extra are concerned.
        old: the requirements on it, PEP 508, sorted; empty where it was not required.
        new: the same of the newer release; empty where it is no longer required.
    """

    name: str
    is_optional: bool
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """A field of the metadata; `old` and `new` are empty where it is not given."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """All that differs between two releases; empty when they are equal but for comments, docstrings and layout.

    Attributes:
        files: in the order of their paths.
        dependencies: in the order of their names, those of everybody before those of extras.
        fields: of the metadata: version, range of Pythons, entry points.
    """

    files: tuple[FileChange, ...] = ()
    dependencies: tuple[DependencyChange, ...] = ()
    fields: tuple[FieldChange, ...] = ()

    def paths(self, change: Change) -> tuple[str, ...]:
        """Return the files that were added, removed or changed."""
        return tuple(file.path for file in self.files if file.change is change)
