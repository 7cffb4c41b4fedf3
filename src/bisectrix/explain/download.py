"""The files of a release as the package index offers it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.tags import Tag, sys_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from pypi_simple import DistributionPackage

from bisectrix.errors import InfraError, UsageError
from bisectrix.explain.archive import unpack
from bisectrix.explain.difference import Content
from bisectrix.resolve.pages import content_of, files_of
from bisectrix.resolve.settings import IndexSettings

KINDS = ("wheel", "sdist")
LARGEST_MIB = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release, unpacked.

    Attributes:
        archive: name of the wheel or source release.
        sha256: hex digest of it, the one that the index tells where it tells one.
        files: path as below `site-packages` to content.
    """

    package: str
    version: str
    archive: str
    sha256: str
    files: dict[str, Content]


def download(package: str, versions: Sequence[str], settings: IndexSettings) -> tuple[Release, ...]:
    """Get releases in order to compare them: wheels where all of them have one, else source releases.

    Where neither is to be had of all of them, each is what there is. A wheel is the one that would be installed on
    this machine. Nothing of a release is run.

    Raises:
        UsageError: no such project or release.
        InfraError: the index does not answer, or what it gives is damaged or too large.
    """
    files = files_of(package, settings)
    if files is None:
        raise UsageError(f"no package index knows a project {package!r}", hint="check the spelling")
    offered = [_best_by_kind(package, version, files) for version in versions]
    common = [kind for kind in KINDS if all(kind in best for best in offered)]
    chosen = [next(best[kind] for kind in (*common, *KINDS) if kind in best) for best in offered]
    return tuple(_release(package, version, file, settings) for version, file in zip(versions, chosen, strict=True))


def _best_by_kind(package: str, version: str, files: Iterable[DistributionPackage]) -> dict[str, DistributionPackage]:
    ranks = {tag: rank for rank, tag in enumerate(sys_tags())}
    mine = [file for file in files if _is_release(file, version)]
    if not mine:
        raise UsageError(f"no package index has a release {version!r}", place=package)
    worst_first = sorted(mine, key=lambda file: (_rank(file, ranks), file.filename), reverse=True)
    return {str(file.package_type): file for file in worst_first}


def _is_release(file: DistributionPackage, version: str) -> bool:
    try:
        return file.package_type in KINDS and Version(file.version or "") == Version(version)
    except InvalidVersion:
        return False


def _rank(file: DistributionPackage, ranks: Mapping[Tag, int]) -> int:
    """Return how much an installer on this machine wants a wheel, the most wanted 0; for other machines the last."""
    try:
        tags = parse_wheel_filename(file.filename)[3]
    except InvalidWheelFilename:
        tags = frozenset()
    return min((ranks[tag] for tag in tags if tag in ranks), default=len(ranks))


def _release(package: str, version: str, file: DistributionPackage, settings: IndexSettings) -> Release:
    packed = content_of(file, settings, most_mib=LARGEST_MIB)
    sha256 = hashlib.sha256(packed).hexdigest()
    expected = file.digests.get("sha256", sha256)
    if sha256 != expected:
        raise InfraError(
            f"this file has the digest {sha256}, the package index promised {expected}",
            place=file.filename,
            hint="a proxy or a mirror gave something else; try again later",
        )
    return Release(
        package=package, version=version, archive=file.filename, sha256=sha256, files=unpack(file.filename, packed)
    )
