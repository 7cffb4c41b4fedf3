"""Axes of what was recorded: which kind, in which order, and in which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from bisectrix.model.matrix import Axis, Coordinates, Matrix
from bisectrix.model.order import value_order
from bisectrix.model.result import CellResult
from bisectrix.model.words import AxisKind
from bisectrix.report.markdown import enumeration

RESERVED = {AxisKind.PYTHON, AxisKind.RESOLUTION, AxisKind.CUTOFF, AxisKind.PLATFORM}
ORDERED = {AxisKind.PACKAGE, AxisKind.PYTHON, AxisKind.CUTOFF}
"""Axes along which older and newer mean something, so that there are ranges and boundaries."""

FEW = 2
MANY = 7
"""More values than these are counted in a sentence; the tables name them."""


def kind_of(axis: str, matrices: Iterable[Matrix]) -> AxisKind:
    """Return the kind of an axis; of one that no matrix has any more, what its name says."""
    for matrix in matrices:
        for known in matrix.axes:
            if known.name == axis:
                return known.kind
    return AxisKind(axis) if axis in RESERVED else AxisKind.PACKAGE


def values_of(axis: str, results: Iterable[CellResult], matrices: Iterable[Matrix]) -> tuple[str, ...]:
    """Return the values along an axis that results have: versions oldest first, others as a matrix lists them."""
    found = {value for result in results if (value := result.cell.get(axis))}
    listed_values = [value for matrix in matrices for value in _closed_values(matrix, axis)]
    order = {value: index for index, value in enumerate(listed_values)}
    if all(value_order(value)[0] == 0 for value in found):
        return tuple(sorted(found, key=value_order))
    return tuple(sorted(found, key=lambda value: (order.get(value, len(order)), value_order(value))))


def _closed_values(matrix: Matrix, axis: str) -> tuple[str, ...]:
    return next((known.values for known in matrix.axes if isinstance(known, Axis) and known.name == axis), ())


def primary_axis(results: Sequence[CellResult], matrices: Sequence[Matrix]) -> str:
    """Return the axis that the question is about: the package, else Python, else any with most values.

    Empty when the cells have no coordinates.
    """
    names = {axis for result in results for axis, _ in result.cell.coordinates}

    def weight(axis: str) -> tuple[int, int]:
        kind, count = kind_of(axis, matrices), len(values_of(axis, results, matrices))
        rank = {AxisKind.PACKAGE: 2, AxisKind.PYTHON: 1}.get(kind, 0)
        return (rank if count > 1 else -1, count)

    return max(sorted(names), key=weight, default="")


def noun(axis: str) -> str:
    """`vcrpy`, `Python`."""
    return "Python" if axis == AxisKind.PYTHON else axis


def plural(axis: str, matrices: Sequence[Matrix]) -> str:
    """`vcrpy releases`, `Pythons`, `values of vcr`."""
    match kind_of(axis, matrices):
        case AxisKind.PACKAGE:
            return f"{axis} releases"
        case AxisKind.PYTHON:
            return "Pythons"
        case _:
            return f"values of {axis}"


def spans(chosen: Iterable[str], ordered: Sequence[str]) -> str:
    """`3.8 to 3.11 and 3.13`: the chosen ones of `ordered`, neighbours joined."""
    wanted = set(chosen)
    parts: list[str] = []
    for is_chosen, group in groupby(ordered, key=wanted.__contains__):
        if is_chosen:
            neighbours = list(group)
            parts += neighbours if len(neighbours) <= FEW else [f"{neighbours[0]} to {neighbours[-1]}"]
    return enumeration(parts)


def chosen_words(axis: str, chosen: Iterable[str], among: Sequence[str], matrices: Iterable[Matrix]) -> str:
    """`Python 3.11 to 3.13`; without an order, value by value, `any cause but revoked` or `8 of 14 values of cause`."""
    wanted = set(chosen)
    if kind_of(axis, matrices) in ORDERED:
        return f"{noun(axis)} {spans(wanted, among)}"
    others = [value for value in among if value not in wanted]
    if 0 < len(others) <= FEW < len(wanted):
        return f"any {axis} but {enumeration(others)}"
    if len(wanted) > MANY:
        return f"{len(wanted)} of {len(among)} values of {axis}"
    return f"{axis} {enumeration([value for value in among if value in wanted])}"


def label(coordinates: Coordinates) -> str:
    """`3.11 highest`: values alone where they speak for themselves, else with their axis."""
    speaking = {AxisKind.PYTHON, AxisKind.RESOLUTION}
    return " ".join(value if axis in speaking else f"{axis}={value}" for axis, value in coordinates)
