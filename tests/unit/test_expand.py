"""The order of cells, what is left out and why, and what is added."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import UsageError
from bisectrix.matrix.expand import expand
from bisectrix.model.matrix import Axis, Cell, Coordinates, Exclusion, Matrix, OpenAxis
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet

REPRO = Repro(name="pool", path=Path("pool.py"), title="", bug=Bug(kind=BugKind.HANG))
VCRPY = Axis(name="vcrpy", kind=AxisKind.PACKAGE, values=("4.4.0", "7.0.0", "8.0.0"))
PYTHON = Axis(name="python", kind=AxisKind.PYTHON, values=("3.12", "3.13"))
OPEN_PYTHON = OpenAxis(name="python", kind=AxisKind.PYTHON, specifier=">=3.10")


def matrix(
    *axes: Axis | OpenAxis, include: tuple[Coordinates, ...] = (), exclude: tuple[Exclusion, ...] = ()
) -> Matrix:
    return Matrix(name="m", title="", set=MatrixSet.QUICK, axes=axes, include=include, exclude=exclude)


def coordinates(cells: tuple[Cell, ...]) -> list[str]:
    return [cell.name.partition("@")[2] for cell in cells]


def without(reason: str, **where: str) -> Exclusion:
    return Exclusion(where=tuple(where.items()), reason=reason)


def test_the_last_axis_varies_fastest_and_names_are_sorted_by_axis() -> None:
    plan = expand(REPRO, matrix(VCRPY, PYTHON), {})
    assert coordinates(plan.cells)[:3] == [
        "python=3.12,vcrpy=4.4.0",
        "python=3.13,vcrpy=4.4.0",
        "python=3.12,vcrpy=7.0.0",
    ]


def test_a_range_takes_the_values_that_were_looked_up() -> None:
    plan = expand(REPRO, matrix(OPEN_PYTHON), {"python": ("3.10", "3.11")})
    assert coordinates(plan.cells) == ["python=3.10", "python=3.11"]


def test_a_range_that_nobody_looked_up_is_an_error() -> None:
    with pytest.raises(UsageError, match="the axis 'python' is a range"):
        expand(REPRO, matrix(OPEN_PYTHON), {})


@pytest.mark.parametrize("pattern", ["4.*", "<5", "!=7,!=8", "4.4.0", "~=4.4"])
def test_an_exclusion_matches_by_pattern_or_by_specifier(pattern: str) -> None:
    plan = expand(REPRO, matrix(VCRPY, exclude=(without("too old", vcrpy=pattern),)), {})
    assert coordinates(plan.cells) == ["vcrpy=7.0.0", "vcrpy=8.0.0"]
    assert plan.excluded == ((Cell(repro="pool", coordinates=(("vcrpy", "4.4.0"),)), "too old"),)


def test_all_coordinates_of_an_exclusion_must_match() -> None:
    plan = expand(REPRO, matrix(VCRPY, PYTHON, exclude=(without("imports imp", python="3.13", vcrpy="4.*"),)), {})
    assert coordinates(tuple(cell for cell, _ in plan.excluded)) == ["python=3.13,vcrpy=4.4.0"]


def test_an_exclusion_along_an_unknown_axis_excludes_nothing() -> None:
    assert expand(REPRO, matrix(PYTHON, exclude=(without("no", httpx="*"),)), {}).excluded == ()


def test_the_first_reason_counts() -> None:
    plan = expand(REPRO, matrix(PYTHON, exclude=(without("first", python="*"), without("second", python="3.13"))), {})
    assert [reason for _, reason in plan.excluded] == ["first", "first"]


def test_an_included_cell_comes_last_and_once_and_beats_an_exclusion() -> None:
    include: tuple[Coordinates, ...] = (
        (("vcrpy", "1.0"), ("python", "3.8")),
        (("vcrpy", "4.4.0"), ("python", "3.12")),
    )
    plan = expand(REPRO, matrix(VCRPY, PYTHON, include=include, exclude=(without("old", vcrpy="4.*"),)), {})
    assert coordinates(plan.cells)[-1] == "python=3.8,vcrpy=1.0"
    assert coordinates(plan.cells).count("python=3.12,vcrpy=4.4.0") == 1
    assert coordinates(tuple(cell for cell, _ in plan.excluded)) == ["python=3.13,vcrpy=4.4.0"]
