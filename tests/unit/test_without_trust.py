"""A run that trusts no repro: what is left of its plan, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import NothingSelectedError
from bisectrix.model.matrix import Axis, Cell, Matrix
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet
from bisectrix.runner.planning import Planned, PlannedCell, Subject, without_trust

REPRO = Repro(name="waits", path=Path("repros/waits.py"), title="It waits", bug=Bug(kind=BugKind.HANG))
HERE = ("host", "linux-x86_64")


def planned(*platforms: str) -> Planned:
    """Return the plan of a matrix of platforms; without any, of one that does not say where."""
    axes = (Axis(name="platform", kind=AxisKind.PLATFORM, values=platforms),) if platforms else ()
    matrix = Matrix(name="places", title="Places", set=MatrixSet.FULL, axes=axes)
    cells = [Cell(repro="waits", coordinates=(("platform", platform),)) for platform in platforms]
    subject = Subject(repro=REPRO, sha256="0", files={})
    return Planned(
        cells=tuple(
            PlannedCell(subject=subject, matrix=matrix, cell=cell, attempts=1)
            for cell in cells or [Cell(repro="waits", coordinates=())]
        ),
        excluded=(),
    )


def test_a_matrix_that_does_not_say_where_leaves_its_cells_to_a_container() -> None:
    (kept,) = without_trust(planned(), HERE).cells

    assert not kept.subject.repro.trusted


def test_what_a_matrix_wants_on_this_machine_is_left_out_with_the_reason() -> None:
    left = without_trust(planned("host", "debian:bookworm", "linux-x86_64"), HERE)

    assert [one.cell.get("platform") for one in left.cells] == ["debian:bookworm"]
    assert [cell.get("platform") for cell, _ in left.excluded] == ["host", "linux-x86_64"]
    assert all("not trusted" in why for _, why in left.excluded)


def test_nothing_left_is_no_plan() -> None:
    with pytest.raises(NothingSelectedError, match="none is trusted"):
        without_trust(planned("host"), HERE)
