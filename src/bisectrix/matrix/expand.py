"""The product of the axes, less exclusions, plus inclusions: an ordered list of cells."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bisectrix.errors import UsageError
from bisectrix.model.matrix import Axis, Cell, Coordinates, Exclusion, Matrix, OpenAxis
from bisectrix.model.repro import Repro

SPECIFIER_STARTS = ("<", ">", "=", "!", "~")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a matrix asks for.

    Attributes:
        cells: axes in the order of the matrix, values oldest first, the last axis varies fastest; then the
            included ones.
        excluded: with the reason of the first exclusion that matched; same order.
    """

    cells: tuple[Cell, ...]
    excluded: tuple[tuple[Cell, str], ...]


def expand(repro: Repro, matrix: Matrix, opened: Mapping[str, tuple[str, ...]]) -> Plan:
    """Lay out the cells of `matrix` for `repro`.

    As in GitHub's matrices an included cell is there whatever the exclusions say.

    Args:
        repro: whose cells they become.
        matrix: the axes.
        opened: values of the axes given as ranges, by axis name, oldest first.

    Raises:
        UsageError: a range has not been opened.
    """
    product = dict.fromkeys(_cell(repro, coordinates) for coordinates in _product(matrix, opened))
    included = dict.fromkeys(_cell(repro, coordinates) for coordinates in matrix.include)
    excluded = {
        cell: reason for cell in product if cell not in included and (reason := _why_excluded(cell, matrix.exclude))
    }
    cells = (cell for cell in (product | included) if cell not in excluded)
    return Plan(cells=tuple(cells), excluded=tuple(excluded.items()))


def _cell(repro: Repro, coordinates: Coordinates) -> Cell:
    return Cell(repro=repro.name, coordinates=tuple(sorted(coordinates)))


def _product(matrix: Matrix, opened: Mapping[str, tuple[str, ...]]) -> Iterator[Coordinates]:
    lines = ([(axis.name, value) for value in _values(axis, opened)] for axis in matrix.axes)
    return itertools.product(*lines)


def _values(axis: Axis | OpenAxis, opened: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if isinstance(axis, Axis):
        return axis.values
    if axis.name not in opened:
        message = f"the axis {axis.name!r} is a range, {axis.specifier!r}, and nobody looked up what lies in it"
        raise UsageError(message, hint="write the values as a list")
    return opened[axis.name]


def _why_excluded(cell: Cell, exclusions: tuple[Exclusion, ...]) -> str:
    reasons = (exclusion.reason or "excluded" for exclusion in exclusions if _excludes(exclusion, cell))
    return next(reasons, "")


def _excludes(exclusion: Exclusion, cell: Cell) -> bool:
    values = dict(cell.coordinates)
    return all(axis in values and _fits(values[axis], pattern) for axis, pattern in exclusion.where)


def _fits(value: str, pattern: str) -> bool:
    """Match by specifier where the pattern is one (`<5`), else by `fnmatch` (`4.*`)."""
    if not pattern.startswith(SPECIFIER_STARTS):
        return fnmatchcase(value, pattern)
    try:
        return SpecifierSet(pattern).contains(value, prereleases=True)
    except InvalidSpecifier:
        return False
