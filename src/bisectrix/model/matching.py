"""Whether a value along an axis is the one that is meant; pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bisectrix.model.matrix import Cell, Coordinates


def is_value(value: str, wanted: str) -> bool:
    """Compare as versions (8.0 is 8.0.0), else as `fnmatch` pattern (8.*)."""
    left, right = comparable(value, wanted)
    return left == right or fnmatchcase(value, wanted)


def comparable(left: str, right: str) -> tuple[Version | str, Version | str]:
    """Return two values as versions where both are."""
    try:
        return Version(left), Version(right)
    except InvalidVersion:
        return left, right


def has_all(cell: Cell, where: Coordinates) -> bool:
    """Say whether a cell has every one of these coordinates; one without the axis has none along it."""
    values = {canonicalize_name(axis): value for axis, value in cell.coordinates}
    wanted = ((canonicalize_name(axis), value) for axis, value in where)
    return all(axis in values and is_value(values[axis], value) for axis, value in wanted)
