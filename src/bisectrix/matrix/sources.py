"""Commits in the place of releases: what a cell that has one is called, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bisectrix.model.lock import LockRequest
from bisectrix.model.matrix import Cell, Matrix
from bisectrix.model.source import Source
from bisectrix.model.words import AxisKind


def without_releases(matrix: Matrix, sources: Sequence[Source]) -> Matrix:
    """Return the matrix without the axes along which the releases of these packages lie."""
    packages = _names(sources)
    along = (axis.name for axis in matrix.axes if axis.kind is AxisKind.PACKAGE)
    gone = {name for name in along if canonicalize_name(name) in packages}
    return replace(
        matrix,
        axes=tuple(axis for axis in matrix.axes if axis.name not in gone),
        include=tuple(tuple(pair for pair in cell if pair[0] not in gone) for cell in matrix.include),
    )


def with_commits(cell: Cell, sources: Sequence[Source]) -> Cell:
    """Return the cell with a coordinate for each source."""
    commits = ((canonicalize_name(source.package), source.label) for source in sources)
    return replace(cell, coordinates=tuple(sorted((*cell.coordinates, *commits))))


def from_sources(request: LockRequest, sources: Sequence[Source]) -> LockRequest:
    """Ask for the sources in the place of releases.

    What was asked of such a package by version, as a requirement or as a constraint, is no longer asked: the version
    that a commit calls itself says little. Its extras and markers stay. What other packages ask of it stays, too.
    """
    packages = _names(sources)
    requirements = dict.fromkeys(line for wanted in request.requirements for line in _asked(wanted, sources))
    direct = {_name(line) for line in requirements}
    added = (_line(source) for source in sources if canonicalize_name(source.package) not in direct)
    return replace(
        request,
        requirements=(*requirements, *added),
        constraints=tuple(line for line in request.constraints if _name(line) not in packages),
    )


def _asked(line: str, sources: Sequence[Source]) -> Iterator[str]:
    """Yield the requirement as it is, or with a source in the place of its versions."""
    wanted = Requirement(line)
    for source in sources:
        if canonicalize_name(source.package) == canonicalize_name(wanted.name):
            extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
            marker = f" ; {wanted.marker}" if wanted.marker else ""
            yield f"{_line(source, extras)}{marker}"
            return
    yield line


def _line(source: Source, extras: str = "") -> str:
    return f"{source.package}{extras} @ {source.url}"


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)


def _names(sources: Sequence[Source]) -> set[str]:
    return {canonicalize_name(source.package) for source in sources}
