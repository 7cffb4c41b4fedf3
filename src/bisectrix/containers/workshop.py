"""What we bring to any engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bisectrix.environments.pool import Pool
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.command import run_command

UV_CACHE = "uv-cache"
"""Lies in the pool: environments are linked with the unpacked wheels in it."""

FORGET_S = 300.0


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

    def prune(self, max_bytes: int) -> int:
        """Remove environments for containers that were not used for longest, as `Pool.prune` does.

        No room becomes free while the cache holds the same files, so its unpacked wheels go, too; uv sees to it that
        nobody installs from them at that moment.

        Raises:
            InfraError: uv does not come to an end.
        """
        removed_bytes = Pool(self.pool, self.uv, site_files={}).prune(max_bytes)
        if removed_bytes:
            forget = ("cache", "prune", "--ci", "--no-config", "--cache-dir", str(self.pool / UV_CACHE))
            run_command((str(self.uv.path), *forget), env={}, deadline_s=FORGET_S)
        return removed_bytes
