"""The names of the axes of a matrix file, and what a value along each looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from bisectrix.manifest.mistakes import Place
from bisectrix.manifest.texts import (
    COORDINATE,
    UnfitTextError,
    nearest,
    read_instant,
    read_minor,
    read_pattern,
    read_version,
)
from bisectrix.manifest.written import table_at
from bisectrix.model.words import AxisKind, Resolution

RESERVED = frozenset(AxisKind) - {AxisKind.PACKAGE}
"""Names below `axes` that are no packages."""

WORDS = {
    AxisKind.PYTHON: 'a minor version of Python, such as "3.12"',
    AxisKind.PACKAGE: 'a version, such as "8.1.0"',
    AxisKind.RESOLUTION: f"one of {', '.join(Resolution)}",
    AxisKind.CUTOFF: 'an instant in UTC such as "2026-11-01T00:00:00Z"',
    AxisKind.PLATFORM: "host, or a container image such as python:3.12-slim",
    AxisKind.VARIANT: "a value of the variant",
    AxisKind.ENV: "a text without spaces, commas and parentheses",
}
"""What one value along an axis of each kind is, as it stands after "expected"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AxisName:
    """An axis that a file declares, before its values are known to be right.

    Attributes:
        place: of its values.
        name: of the coordinate; the normal form of a package's name.
        values: for a variant axis the names of its values; else empty.
    """

    place: Place
    name: str
    kind: AxisKind
    values: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        """Return one value along this axis in its normal form.

        Raises:
            UnfitTextError: with the hint.
        """
        return _reader(self)(text)


def axis_names(data: Mapping[str, Any]) -> Iterator[AxisName]:
    """Yield the axes in the order of the file."""
    for key in table_at(data, "axes"):
        match key:
            case AxisKind.ENV:
                for variable in table_at(data, "axes", key):
                    yield AxisName(place=("axes", key, variable), name=variable, kind=AxisKind.ENV)
            case AxisKind.VARIANT:
                for variant in table_at(data, "axes", key):
                    values = tuple(table_at(data, "axes", key, variant))
                    yield AxisName(place=("axes", key, variant), name=variant, kind=AxisKind.VARIANT, values=values)
            case "image":
                yield AxisName(place=("axes", key), name=key, kind=AxisKind.PLATFORM)
            case reserved if reserved in RESERVED:
                yield AxisName(place=("axes", key), name=key, kind=AxisKind(key))
            case package:
                yield AxisName(place=("axes", key), name=canonicalize_name(package), kind=AxisKind.PACKAGE)


def find_axis(name: str, axes: Iterable[AxisName]) -> AxisName | None:
    """Return the axis called `name`, or the package that `name` spells in another way; None if there is none."""
    by_name = {axis.name: axis for axis in axes}
    other = by_name.get(canonicalize_name(name))
    return by_name.get(name) or (other if other and other.kind is AxisKind.PACKAGE else None)


def _reader(axis: AxisName) -> Callable[[str], str]:
    match axis.kind:
        case AxisKind.PYTHON:
            return read_minor
        case AxisKind.PACKAGE:
            return read_version
        case AxisKind.CUTOFF:
            return read_instant
        case AxisKind.RESOLUTION:
            return lambda text: _read_word(text, tuple(Resolution))
        case AxisKind.VARIANT:
            return lambda text: _read_word(text, axis.values)
        case AxisKind.PLATFORM | AxisKind.ENV:
            return lambda text: read_pattern(COORDINATE, "", text)


def _read_word(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise UnfitTextError(nearest(text, known, otherwise=f"known: {', '.join(known)}"))
    return text
