"""Results laid out as tables: releases down, Pythons and resolutions across."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bisectrix.model.matrix import Coordinates, Matrix
from bisectrix.model.result import CellResult
from bisectrix.model.words import AxisKind
from bisectrix.report.axes import label, noun, primary_axis, values_of
from bisectrix.report.markdown import Markdown, code, listed, plain, table
from bisectrix.report.words import NOT_RUN, outcome_words

ACROSS = (AxisKind.PYTHON, AxisKind.RESOLUTION)
"""Axes that become columns; a table for each combination of the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """One table.

    Attributes:
        title: which matrices asked for it.
        fixed: coordinates that all its cells share.
        axis: what runs down.
        rows: its values.
        columns: what runs across, coordinates each; a single empty one where nothing does.
        cells: row and column -> result.
    """

    title: Markdown
    fixed: Coordinates
    axis: str
    rows: tuple[str, ...]
    columns: tuple[Coordinates, ...]
    cells: Mapping[tuple[str, Coordinates], CellResult]

    def markdown(self) -> Markdown:
        """Return the table; outcomes in words with counts."""
        header = (noun(self.axis), *(label(column) or "outcome" for column in self.columns))
        return table(header, ((row, *map(self._words, [row] * len(self.columns), self.columns)) for row in self.rows))

    def _words(self, row: str, column: Coordinates) -> Markdown:
        result = self.cells.get((row, column))
        return NOT_RUN if result is None else outcome_words(result)


def grids(results: Sequence[CellResult], matrices: Sequence[Matrix]) -> Iterator[Grid]:
    """Yield the tables, those of the matrices first, in their order; cells with the same axes stand together."""
    shapes = {tuple(sorted(axis.name for axis in matrix.axes)): None for matrix in matrices}
    for shape in dict.fromkeys((*shapes, *map(_shape, results))):
        mine = [result for result in results if _shape(result) == shape]
        if mine:
            yield from _grids_of_shape(mine, matrices, _title(shape, matrices))


def _shape(result: CellResult) -> tuple[str, ...]:
    return tuple(axis for axis, _ in result.cell.coordinates)


def _title(shape: tuple[str, ...], matrices: Sequence[Matrix]) -> Markdown:
    asking = [matrix for matrix in matrices if tuple(sorted(axis.name for axis in matrix.axes)) == shape]
    named = [Markdown(f"{plain(matrix.title)} ({code(matrix.name)})") for matrix in asking]
    return listed(named) if named else plain("Recorded of matrices that are no more")


def _grids_of_shape(results: Sequence[CellResult], matrices: Sequence[Matrix], title: Markdown) -> Iterator[Grid]:
    axis = primary_axis(results, matrices)
    rows = values_of(axis, results, matrices)
    across = [name for name in ACROSS if name in _shape(results[0]) and name != axis]
    apart = [name for name in _shape(results[0]) if name not in {axis, *across}]
    for fixed in _combinations(apart, results, matrices):
        mine = [result for result in results if _along(apart, result) == fixed]
        columns = tuple(_combinations(across, mine, matrices))
        cells = {(result.cell.get(axis), _along(across, result)): result for result in mine}
        yield Grid(title=title, fixed=fixed, axis=axis, rows=rows, columns=columns, cells=cells)


def _along(axes: Sequence[str], result: CellResult) -> Coordinates:
    return tuple((axis, result.cell.get(axis)) for axis in axes)


def _combinations(
    axes: Sequence[str], results: Sequence[CellResult], matrices: Sequence[Matrix]
) -> Sequence[Coordinates]:
    """Return the combinations of values along `axes` that results have, in the order of the axes' values."""
    values = {axis: values_of(axis, results, matrices) for axis in axes}
    found = {_along(axes, result) for result in results}
    return sorted(found, key=lambda one: [values[axis].index(value) for axis, value in one])
