"""What we bring to any engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bisectrix.resolve.uv import Uv


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """Our tools and folders.

    Attributes:
        cache: a folder of ours.
        machine: `x86_64`.
        site_files: name and text of what every environment gets beside its packages.
    """

    uv: Uv
    cache: Path
    machine: str
    site_files: Mapping[str, str]

    @property
    def pool(self) -> Path:
        """The folder of environments for containers, and of the cache that they are linked with."""
        return self.cache / "containers"
