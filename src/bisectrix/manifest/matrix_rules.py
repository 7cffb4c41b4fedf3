"""What must hold between the keys of a matrix file, found whatever else is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bisectrix.manifest.axes import RESERVED, WORDS, AxisName, axis_names, find_axis
from bisectrix.manifest.mistakes import Place, Slip, describe
from bisectrix.manifest.texts import UnfitTextError, nearest, read_package
from bisectrix.manifest.written import list_at, table_at, value_at
from bisectrix.model.words import AxisKind

SPECIFIER_STARTS = ("<", ">", "=", "!", "~")
"""With one of these a pattern of an exclusion is a range."""


def matrix_slips(data: Mapping[str, Any]) -> Iterator[Slip]:
    """Yield what is wrong between the keys of `data`."""
    axes = tuple(axis_names(data))
    yield from _emptiness(data)
    yield from _unfit_names(axes)
    yield from _repeated_names(axes)
    yield from _cutoffs(data)
    yield from _places(data)
    for index, cell in enumerate(list_at(data, "include")):
        yield from _coordinate_slips(cell, ("include", index), axes)
    for index, exclusion in enumerate(list_at(data, "exclude")):
        yield from _pattern_slips(table_at(exclusion, "where"), ("exclude", index, "where"), axes)


def _emptiness(data: Mapping[str, Any]) -> Iterator[Slip]:
    if value_at(data, "axes") == {}:
        yield Slip(place=("axes",), found="an empty table", expected="at least one axis")
    for key in (AxisKind.ENV, AxisKind.VARIANT):
        if value_at(data, "axes", key) == {}:
            yield Slip(place=("axes", str(key)), found="an empty table", expected="at least one axis")


def _unfit_names(axes: tuple[AxisName, ...]) -> Iterator[Slip]:
    for axis in axes:
        key = str(axis.place[-1])
        if axis.kind is AxisKind.PACKAGE:
            try:
                read_package(key)
            except UnfitTextError:
                yield Slip(place=axis.place, found=describe(key), expected="the name of a package")
        elif axis.kind in {AxisKind.VARIANT, AxisKind.ENV} and key in RESERVED | {AxisKind.PACKAGE}:
            reserved = ", ".join(sorted(RESERVED))
            yield Slip(place=axis.place, found="a reserved name", expected=f"a name other than {reserved}")


def _repeated_names(axes: tuple[AxisName, ...]) -> Iterator[Slip]:
    first: dict[str, AxisName] = {}
    for axis in axes:
        earlier = first.setdefault(axis.name, axis)
        if earlier is not axis:
            hint = f"{earlier.kind} axis {earlier.place[-1]} has it already"
            yield Slip(place=axis.place, found=describe(axis.name), expected="a name that no other axis has", hint=hint)


def _cutoffs(data: Mapping[str, Any]) -> Iterator[Slip]:
    with_axis = "cutoff" in table_at(data, "axes")
    if "cutoff" in data and with_axis:
        hint = "each cell has one; take this one or axes.cutoff away"
        yield Slip(
            place=("cutoff",), found=describe(data["cutoff"]), expected="no cutoff beside axes.cutoff", hint=hint
        )
    if list_at(data, "cutoff_exempt") and "cutoff" not in data and not with_axis:
        yield Slip(place=("cutoff_exempt",), found="no cutoff beside it", expected="one to be exempt from")


def _places(data: Mapping[str, Any]) -> Iterator[Slip]:
    if {"platform", "image"} <= table_at(data, "axes").keys():
        hint = "they are one axis by two names: put the images into axes.platform"
        yield Slip(place=("axes", "image"), found="both", expected="no image beside platform", hint=hint)


def _coordinate_slips(cell: object, place: Place, axes: tuple[AxisName, ...]) -> Iterator[Slip]:
    """Yield what is wrong with an included cell."""
    if cell == {}:
        yield Slip(place=place, found="an empty table", expected="at least one axis and its value")
    for name, value in table_at(cell).items():
        axis = find_axis(name, axes)
        if axis is None:
            yield _unknown_axis((*place, name), name, axes)
        elif isinstance(value, str):
            yield from _value_slips(value, (*place, name), axis)


def _value_slips(value: str, place: Place, axis: AxisName) -> Iterator[Slip]:
    try:
        axis.read(value)
    except UnfitTextError as error:
        yield Slip(place=place, found=describe(value), expected=WORDS[axis.kind], hint=str(error))


def _pattern_slips(where: Mapping[str, Any], place: Place, axes: tuple[AxisName, ...]) -> Iterator[Slip]:
    for name, pattern in where.items():
        if find_axis(name, axes) is None:
            yield _unknown_axis((*place, name), name, axes)
        if isinstance(pattern, str) and pattern.startswith(SPECIFIER_STARTS) and not _is_range(pattern):
            words = "a value, a pattern such as 4.*, or a range such as <5"
            yield Slip(place=(*place, name), found=describe(pattern), expected=words)


def _is_range(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _unknown_axis(place: Place, name: str, axes: tuple[AxisName, ...]) -> Slip:
    names = list(dict.fromkeys(axis.name for axis in axes))
    expected = f"one of the axes {', '.join(names)}" if names else "an axis that this file has"
    return Slip(place=place, found=f"the unknown axis {describe(name)}", expected=expected, hint=nearest(name, names))
