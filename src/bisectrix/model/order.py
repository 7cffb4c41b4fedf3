"""The order in which a person lists things: versions as versions; pure."""

from __future__ import annotations

from typing import TypeAlias

from packaging.version import InvalidVersion, Version

from bisectrix.model.matrix import Cell

ValueKey: TypeAlias = tuple[int, Version, str]
CellKey: TypeAlias = tuple[str, tuple[tuple[str, ValueKey], ...]]

_NO_VERSION = Version("0")


def value_order(value: str) -> ValueKey:
    """Return a sort key: versions oldest first, then other words by the alphabet."""
    try:
        return (0, Version(value), value)
    except InvalidVersion:
        return (1, _NO_VERSION, value)


def cell_order(cell: Cell) -> CellKey:
    """Return a sort key: by repro, then axis by axis."""
    return (cell.repro, tuple((axis, value_order(value)) for axis, value in cell.coordinates))
