"""An axis of a matrix as a line to search, whatever its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import UsageError
from bisectrix.model.matrix import Axis, Cell, Matrix
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet
from bisectrix.runner.matrix_line import MatrixLine, matrix_line
from bisectrix.runner.planning import PlannedCell, Subject

REPRO = Repro(name="waits", path=Path("repros/waits.py"), title="It waits", bug=Bug(kind=BugKind.HANG))
SUBJECT = Subject(repro=REPRO, sha256="0", files={})
IMAGES = ("debian:bullseye", "debian:bookworm", "debian:trixie")
RELEASES = ("2.0", "10.0", "9.0")


def planned(axes: tuple[Axis, ...], **coordinates: str) -> PlannedCell:
    matrix = Matrix(name="everywhere", title="Everywhere", set=MatrixSet.FULL, axes=axes)
    cell = Cell(repro="waits", coordinates=tuple(sorted(coordinates.items())))
    return PlannedCell(subject=SUBJECT, matrix=matrix, cell=cell, attempts=3)


def line_of(kind: AxisKind, name: str, values: tuple[str, ...]) -> MatrixLine:
    axes = (Axis(name=name, kind=kind, values=values), Axis(name="python", kind=AxisKind.PYTHON, values=("3.12",)))
    cells = [planned(axes, **{name: value, "python": "3.12"}) for value in values]
    return matrix_line(cells, name, f"--axis {name}", "3.11")


def test_platforms_are_searched_in_the_order_of_the_matrix() -> None:
    line = line_of(AxisKind.PLATFORM, "platform", IMAGES)

    assert line.values == IMAGES
    assert [line.cell(image).cell.get("platform") for image in IMAGES] == list(IMAGES)
    assert line.cell(IMAGES[1]).matrix.axes == line.cells[1].matrix.axes
    assert line.cell(IMAGES[1]).attempts == 1


def test_releases_are_searched_in_the_order_of_their_versions() -> None:
    assert line_of(AxisKind.PACKAGE, "tool", RELEASES).values == ("2.0", "9.0", "10.0")


def test_what_a_search_tries_is_recorded_apart_from_the_matrix_and_from_other_searches() -> None:
    line = line_of(AxisKind.PACKAGE, "tool", RELEASES)

    held = line.cell("9.0", held=(("part", "1.0"),), anchor="10.0")
    assert (line.origin, line.matrix, held.matrix.name) == ("everywhere", "bisect-everywhere-tool", line.matrix)
    assert line.cell("9.0").matrix.name == "everywhere"
    assert held.matrix.constraints == ("part==1.0",)


def test_cells_that_differ_along_another_axis_are_refused() -> None:
    axes = (Axis(name="platform", kind=AxisKind.PLATFORM, values=IMAGES),)
    cells = [
        planned(axes, platform=image, python=python)
        for image, python in zip(IMAGES, ("3.11", "3.12", "3.12"), strict=True)
    ]
    with pytest.raises(UsageError, match=r"do not only differ along platform \(python: 3.11, 3.12\)"):
        matrix_line(cells, "platform", "--axis platform", "3.11")
