"""A package that does not come from a release: a commit of a git repository."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bisectrix.model.matrix import Cell

SHORT = 12
"""Hex digits of a commit that are enough for a person, and for one repository."""

LABEL = re.compile(rf"(?:git|folder)-[0-9a-f]{{{SHORT}}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The commit that a package is built from.

    Attributes:
        address: of the repository, for an installer: `https://...`, `ssh://...` or `file:///...`.
        commit: all hex digits of its hash.
        subdirectory: of the package inside the repository; empty means the top.
        is_folder: the commit was made of what a folder holds; nobody else has it.
    """

    package: str
    address: str
    commit: str
    subdirectory: str = ""
    is_folder: bool = False

    @property
    def short(self) -> str:
        """As much of the hash as a person needs."""
        return self.commit[:SHORT]

    @property
    def label(self) -> str:
        """What stands for it in the name of a cell: `git-1a2b3c4d5e6f`, or `folder-...`."""
        return f"{'folder' if self.is_folder else 'git'}-{self.short}"

    @property
    def url(self) -> str:
        """What a PEP 508 requirement names after its `@`."""
        folder = f"#subdirectory={self.subdirectory}" if self.subdirectory else ""
        return f"git+{self.address}@{self.commit}{folder}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine has it, so that a lock of it is of no use to anybody else."""
        return self.address.startswith("file:")


def is_from_source(cell: Cell) -> bool:
    """Say whether a coordinate of the cell is a commit instead of a release."""
    return any(LABEL.fullmatch(value) for _, value in cell.coordinates)
