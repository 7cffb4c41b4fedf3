"""A suite over more than one axis: cells that have a value in common share a column, and words for where."""

from __future__ import annotations

from pathlib import Path

from bisectrix.manifest.repro import parse_repro
from bisectrix.model.result import CellResult
from bisectrix.model.words import Outcome, TestOutcome
from bisectrix.report.findings import Subject, evidence_of
from bisectrix.report.suite import Suite, answer_by_test, differences, file_tables
from support.results import attempt, cell, did, ran

MANIFEST = 'title = "t"\ndependencies = ["pytest>=7"]\ntests = ["test_a.py"]\n[bug]\nkind = "hang"\n'
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
SKIPS, HANGS, PASSES = TestOutcome.SKIP, TestOutcome.HANG, TestOutcome.PASS


def result(coordinator: str, python: str) -> CellResult:
    """Hang in `a` when naive, in `b` on 3.12 and later whatever the coordinator, skip `c` before 3.11."""
    position = PYTHONS.index(python)
    a = HANGS if coordinator == "naive" else PASSES
    b = HANGS if position > 2 else PASSES
    c = SKIPS if position < 2 else PASSES
    tests = (did("test_a.py::a", a), did("test_a.py::b", b), did("test_a.py::c", c))
    outcome = Outcome.HANG if HANGS in {a, b} else Outcome.PASS
    return ran(cell(coordinator=coordinator, python=python), attempt(outcome, tests=tests))


def suite_of(*results: CellResult) -> Suite:
    repro = parse_repro(MANIFEST, Path("repros/t"), "t")
    suite = Suite.of(evidence_of(Subject(repro=repro, matrices=(), results=results)))
    assert suite is not None
    return suite


ALL = suite_of(*(result(name, python) for name in ("fixed", "naive") for python in PYTHONS))


def test_many_cells_share_columns_by_the_axis_with_fewest_values() -> None:
    (table,) = (file.table for file in file_tables(ALL))
    assert table.splitlines()[0] == "| test | coordinator=fixed | coordinator=naive |"
    assert "| `a` | pass 5/5 | **hang 5/5** |" in table
    assert "| `b` | **pass 3/5, hang 2/5** | **pass 3/5, hang 2/5** |" in table


def test_few_cells_have_a_column_each() -> None:
    few = suite_of(*(result(name, python) for name in ("fixed", "naive") for python in ("3.9", "3.10")))
    (table,) = (file.table for file in file_tables(few))
    assert len(table.splitlines()[0].split("|")) == 1 + 1 + 4 + 1


def test_where_it_happens_is_said_by_the_axis_that_tells_it() -> None:
    a, b, c = (str(sentence).partition(".")[0] for sentence in differences(ALL))
    assert a == "`a` passes with coordinator fixed, hangs with coordinator naive"
    assert b.startswith("`b` passes on 3")
    assert "hangs on 3.12 and 3.13" in str(list(differences(ALL))[1])
    assert c.startswith("`c` is skipped on 3")


def test_a_part_of_a_column_is_named_with_it() -> None:
    cells = [one for one in ALL.cells if one.get("coordinator") == "naive" or one.get("python") == "3.13"]
    assert ALL.where(cells) == "with coordinator naive and with coordinator fixed on 3.13"


def test_where_some_cells_are_good_the_answer_says_which() -> None:
    shown, way_out = answer_by_test(ALL)
    assert "`a` with coordinator naive" in shown
    assert way_out.startswith("It is good with coordinator fixed on 3.9 to 3.11, and 0 tests do the same everywhere")
