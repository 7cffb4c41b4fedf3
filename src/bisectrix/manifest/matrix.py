"""A matrix file, from text to a trustworthy value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from bisectrix.manifest.axes import AxisName, axis_names, find_axis
from bisectrix.manifest.matrix_document import AxesTable, MatrixDocument, VariantTable
from bisectrix.manifest.matrix_rules import matrix_slips
from bisectrix.manifest.mistakes import check_document
from bisectrix.manifest.written import read_toml
from bisectrix.model.matrix import Axis, Coordinates, Exclusion, Matrix, OpenAxis, Variant
from bisectrix.model.words import AxisKind


def parse_matrix(text: str, file: str, name: str) -> Matrix:
    """Read a matrix file.

    Args:
        text: its content.
        file: where it lies, for errors.
        name: of the matrix; also its title where it has none.

    Raises:
        ManifestError: with all mistakes, in the order of the file.
    """
    data = read_toml(text, file)
    written = check_document(MatrixDocument, data, file, matrix_slips(data))
    names = tuple(axis_names(data))
    return Matrix(
        name=name,
        title=written.title or name,
        set=written.set,
        axes=tuple(_axes(written.axes, data["axes"])),
        include=tuple(_cell(cell, names) for cell in written.include),
        exclude=tuple(Exclusion(where=_where(entry.where, names), reason=entry.reason) for entry in written.exclude),
        cutoff=written.cutoff,
        cutoff_exempt=tuple(written.cutoff_exempt),
        constraints=tuple(written.constraints),
        attempts=written.attempts,
    )


def _axes(axes: AxesTable, order: Mapping[str, Any]) -> Iterator[Axis | OpenAxis]:
    """Yield the axes in the order in which a person wrote them."""
    for name in order:
        match name:
            case AxisKind.PYTHON:
                yield _ranged(name, AxisKind.PYTHON, axes.python)
            case AxisKind.RESOLUTION:
                yield Axis(name=name, kind=AxisKind.RESOLUTION, values=tuple(map(str, axes.resolution)))
            case AxisKind.CUTOFF:
                oldest_first = sorted(axes.cutoff, key=datetime.fromisoformat)
                yield Axis(name=name, kind=AxisKind.CUTOFF, values=tuple(oldest_first))
            case AxisKind.PLATFORM | "image":
                yield Axis(name=name, kind=AxisKind.PLATFORM, values=tuple(axes.platform or axes.image))
            case AxisKind.ENV:
                for variable, values in axes.env.items():
                    yield Axis(name=variable, kind=AxisKind.ENV, values=tuple(values))
            case AxisKind.VARIANT:
                for variant, meanings in axes.variant.items():
                    yield _variant_axis(variant, meanings)
            case package:
                yield _ranged(canonicalize_name(package), AxisKind.PACKAGE, (axes.__pydantic_extra__ or {})[package])


def _ranged(name: str, kind: AxisKind, values: list[str] | str) -> Axis | OpenAxis:
    if isinstance(values, str):
        return OpenAxis(name=name, kind=kind, specifier=values)
    return Axis(name=name, kind=kind, values=tuple(sorted(values, key=Version)))


def _variant_axis(name: str, meanings: Mapping[str, VariantTable]) -> Axis:
    variants = (
        Variant(args=tuple(meaning.args), env=tuple(meaning.env.items()), requirements=tuple(meaning.requirements))
        for meaning in meanings.values()
    )
    return Axis(name=name, kind=AxisKind.VARIANT, values=tuple(meanings), variants=tuple(variants))


def _cell(cell: Mapping[str, str], names: tuple[AxisName, ...]) -> Coordinates:
    pairs = ((find_axis(name, names), value) for name, value in cell.items())
    return tuple((axis.name, axis.read(value)) for axis, value in pairs if axis)


def _where(patterns: Mapping[str, str], names: tuple[AxisName, ...]) -> Coordinates:
    pairs = ((find_axis(name, names), pattern) for name, pattern in patterns.items())
    return tuple((axis.name, pattern) for axis, pattern in pairs if axis)
