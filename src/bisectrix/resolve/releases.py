"""The releases of a project, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pypi_simple import DistributionPackage

from bisectrix.errors import UsageError
from bisectrix.resolve.pages import files_of
from bisectrix.resolve.settings import IndexSettings

INSTALLABLE = {"wheel", "sdist"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One version of a project, with what can be installed of it.

    Attributes:
        uploaded_at: when the first of its files was; None where the index does not say.
        requires_python: a PEP 440 specifier set; empty where nothing is said.
        yanked: none of its files should be used any more.
        files: names, sorted.
    """

    version: Version
    uploaded_at: datetime | None
    requires_python: str
    yanked: bool
    files: tuple[str, ...]


def releases(package: str, specifier: str, settings: IndexSettings) -> tuple[str, ...]:
    """Return the versions that a range admits, oldest first.

    Pre-releases are among them where the range names one, yanked releases where it names exactly them.

    Raises:
        UsageError: no such project, or the range is malformed.
        InfraError: the index does not answer.
    """
    try:
        admitted = SpecifierSet(specifier)
    except InvalidSpecifier:
        raise UsageError(f"{specifier!r} is no range of versions", place=package, hint="such as >=2.0,<3") from None
    return tuple(str(release.version) for release in all_releases(package, settings) if _admits(admitted, release))


def all_releases(package: str, settings: IndexSettings) -> tuple[Release, ...]:
    """Return every release that can be installed at all, oldest first, pre-releases and yanked ones among them.

    Raises:
        UsageError: no such project.
        InfraError: the index does not answer.
    """
    files = files_of(package, settings)
    if files is None:
        raise UsageError(
            f"no package index knows a project {package!r}",
            hint="check the spelling; if it is a private project, UV_INDEX names a further index",
        )
    by_version: defaultdict[Version, list[DistributionPackage]] = defaultdict(list)
    for file in files:
        if (version := _version(file)) is not None:
            by_version[version].append(file)
    return tuple(_release(version, by_version[version]) for version in sorted(by_version))


def _version(file: DistributionPackage) -> Version | None:
    """Return None for what no installer takes any more: eggs, installers, versions older than PEP 440."""
    if file.package_type not in INSTALLABLE or file.version is None:
        return None
    try:
        return Version(file.version)
    except InvalidVersion:
        return None


def _release(version: Version, files: Iterable[DistributionPackage]) -> Release:
    files = sorted(files, key=lambda file: file.filename)
    return Release(
        version=version,
        uploaded_at=min((file.upload_time for file in files if file.upload_time), default=None),
        requires_python=next((file.requires_python for file in files if file.requires_python), ""),
        yanked=all(file.is_yanked for file in files),
        files=tuple(dict.fromkeys(file.filename for file in files)),
    )


def _admits(admitted: SpecifierSet, release: Release) -> bool:
    if release.yanked and not any(_names(specifier.operator, specifier.version, release) for specifier in admitted):
        return False
    return admitted.contains(release.version, prereleases=admitted.prereleases or False)


def _names(operator: str, version: str, release: Release) -> bool:
    return operator in {"==", "==="} and version == str(release.version)
