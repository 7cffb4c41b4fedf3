"""An axis of a matrix as a line: its cells, alike in everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bisectrix.errors import UsageError
from bisectrix.model.matrix import Cell
from bisectrix.model.order import value_order
from bisectrix.model.words import AxisKind, Resolution
from bisectrix.runner.lines import Ground, Line
from bisectrix.runner.planning import PlannedCell

BY_VERSION = {AxisKind.PACKAGE, AxisKind.PYTHON, AxisKind.CUTOFF}
"""Kinds of axes whose values have an order of their own; the others are as the matrix lists them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixLine(Line):
    """Cells of a matrix.

    Attributes:
        cells: one for each value.
    """

    cells: tuple[PlannedCell, ...]

    @property
    def origin(self) -> str:
        """Name of the matrix whose axis it is."""
        return self.cells[0].matrix.name

    def holds(self, cell: Cell) -> bool:
        """Say whether a cell is one of these."""
        return any(planned.cell == cell for planned in self.cells)

    def cell(self, value: str, *, held: tuple[tuple[str, str], ...] = (), anchor: str = "") -> PlannedCell:
        """Return the cell of one value; an empty one leaves the axis out."""
        planned = self.cells[self.values.index(value)] if value else self.cells[-1]
        coordinates = dict(planned.cell.coordinates)
        if not value:
            del coordinates[self.axis]
        if held:
            coordinates["others"] = f"as-with-{anchor}" if anchor else "as-resolved"
        is_tabled = value and not held
        pins = (f"{name}=={version}" for name, version in held if name != self.axis)
        return replace(
            planned,
            matrix=replace(
                planned.matrix,
                name=planned.matrix.name if is_tabled else self.matrix,
                constraints=(*planned.matrix.constraints, *pins),
            ),
            cell=replace(planned.cell, coordinates=tuple(sorted(coordinates.items()))),
            attempts=1,
        )


def matrix_line(cells: Sequence[PlannedCell], axis: str, option: str, current_python: str) -> MatrixLine:
    """Return the line that cells of one matrix form along an axis.

    Args:
        cells: of one repro and one matrix, in the order of the matrix, at least one.
        axis: its name.
        option: how it was asked for.
        current_python: minor version that cells without a Python run on.

    Raises:
        UsageError: the matrix has no such axis, the cells differ along another one, too, or there is only one.
    """
    kind = _kind(cells[0], axis)
    _check_alike([planned.cell for planned in cells], axis)
    along = {planned.cell.get(axis): planned for planned in cells}
    values = sorted(along, key=value_order) if kind in BY_VERSION else list(along)
    if len(values) == 1:
        raise UsageError(f"there is one value of {axis}, {values[0]}: nothing to search", hint="choose less with -k")
    python = "" if kind is AxisKind.PYTHON else cells[0].cell.get("python", current_python)
    resolution = Resolution(cells[0].cell.get("resolution", Resolution.HIGHEST))
    return MatrixLine(
        ground=Ground(subject=cells[0].subject, python=python, resolution=resolution),
        axis=axis,
        kind=kind,
        values=tuple(values),
        option=option,
        cells=tuple(along[value] for value in values),
    )


def _kind(planned: PlannedCell, axis: str) -> AxisKind:
    kinds = {known.name: known.kind for known in planned.matrix.axes}
    if axis not in kinds:
        known = ", ".join(kinds) or "it has none"
        raise UsageError(f"matrix {planned.matrix.name} has no axis {axis}", place="--axis", hint=f"axes: {known}")
    return kinds[axis]


def _check_alike(cells: Sequence[Cell], axis: str) -> None:
    """See that the cells differ along one axis only."""
    found: dict[str, dict[str, None]] = {}
    for cell in cells:
        for name, value in cell.coordinates:
            found.setdefault(name, {})[value] = None
    others = {name: list(values) for name, values in found.items() if name != axis and len(values) > 1}
    if others:
        listed = "; ".join(f"{name}: {', '.join(values)}" for name, values in others.items())
        fixed = " and ".join(f"{name}={values[-1]}" for name, values in others.items())
        raise UsageError(f"the cells do not only differ along {axis} ({listed})", hint=f"such as -k {fixed!r}")
