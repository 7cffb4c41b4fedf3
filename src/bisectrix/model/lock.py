"""From what a cell asks for to exact packages with hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from bisectrix.model.words import Resolution


@dataclass(frozen=True, kw_only=True, slots=True)
class LockRequest:
    """All that decides a resolution, and nothing else.

    Attributes:
        requirements: direct dependencies, PEP 508.
        constraints: bounds on anything, PEP 508; pins of package axes are among them.
        cutoff: UTC instant, RFC 3339; empty means none.
        python: minor version, `3.12`.
        platform: `linux-x86_64`.
    """

    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    resolution: Resolution
    cutoff: str
    cutoff_exempt: tuple[str, ...]
    python: str
    platform: str

    @property
    def sha256(self) -> str:
        """Hex digest of the canonical JSON of all fields: equal requests, equal digests."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """Exact packages with hashes: a `pylock.toml` (PEP 751) that names files but no index.

    Attributes:
        text: the TOML, deterministic for the same packages.
        sha256: hex digest of `text`.
        packages: name and version, sorted by name.
        resolver: program and version, `uv 0.13.8`.
    """

    text: str
    sha256: str
    packages: tuple[tuple[str, str], ...]
    resolver: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsatisfiable:
    """The resolver's own explanation, credentials redacted, of why no set of packages fits."""

    explanation: str
    resolver: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unbuildable:
    """A release that the resolver had to build, in order to learn what it depends on, does not build."""

    explanation: str
    resolver: str


Resolved: TypeAlias = Lock | Unsatisfiable | Unbuildable


COMMIT_DIGITS = 12


def locked_version(package: Mapping[str, Any]) -> str:
    """Return what tells a package of a lock from other versions of it.

    For a commit, `1.0+git.1a2b3c4d5e6f`: two commits mostly call themselves the same version. Empty for a folder.

    Args:
        package: its table in the `pylock.toml`.
    """
    version = str(package.get("version", ""))
    if "vcs" not in package:
        return version
    commit = f"git.{package['vcs']['commit-id'][:COMMIT_DIGITS]}"
    return f"{version or '0'}{'.' if '+' in version else '+'}{commit}"
