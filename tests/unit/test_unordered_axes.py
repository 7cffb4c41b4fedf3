"""A page about an axis without older and newer: names, no ranges."""

from __future__ import annotations

from pathlib import Path

from bisectrix.model.matrix import Axis, Matrix, Variant
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet, Outcome
from bisectrix.report.findings import Subject, repro_page
from support.results import attempt, cell, ran

STORES = ("flock", "sqlite", "lmdb", "tinydb")
AXIS = Axis(name="store", kind=AxisKind.VARIANT, values=STORES, variants=(Variant(),) * len(STORES))
MATRIX = Matrix(name="stores", title="Stores", set=MatrixSet.QUICK, axes=(AXIS,))
REPRO = Repro(name="lock", path=Path("repros/lock"), title="Two writers", bug=Bug(kind=BugKind.HANG))


def page(**outcomes: Outcome) -> str:
    results = tuple(ran(cell("lock", store=store), attempt(outcome)) for store, outcome in outcomes.items())
    return repro_page(Subject(repro=REPRO, matrices=(MATRIX,), results=results))


def test_values_are_named_one_by_one_and_nothing_lies_before_another() -> None:
    text = page(flock=Outcome.HANG, sqlite=Outcome.PASS, lmdb=Outcome.HANG, tinydb=Outcome.PASS)
    assert (
        "store flock and lmdb hang: 2 of the 4 values of store tested, in all 2 cells.\nWith store sqlite and tinydb it does not show."
        in text
    )
    assert "Where it changes" not in text
    assert "- `store=sqlite`: verified by `lock@store=sqlite` (pass 1/1)" in text


def test_where_every_value_shows_it_nothing_avoids_it() -> None:
    assert "Nothing that was tested avoids it." in page(flock=Outcome.HANG, lmdb=Outcome.HANG)


def test_beside_releases_too_values_are_named_or_those_left_out() -> None:
    def seen(*bad: str) -> str:
        outcomes = {store: Outcome.HANG if store in bad else Outcome.PASS for store in STORES}
        results = (
            ran(cell("lock", tiny=tiny, store=store), attempt(outcome))
            for tiny in ("1.0", "2.0")
            for store, outcome in outcomes.items()
        )
        return repro_page(Subject(repro=REPRO, matrices=(MATRIX,), results=tuple(results)))

    assert "with store flock and lmdb, in 4 of their 8 cells" in seen("flock", "lmdb")
    assert "with any store but sqlite, in 6 of their 8 cells" in seen("flock", "lmdb", "tinydb")


def test_of_many_values_the_sentence_says_how_many() -> None:
    stores = tuple(map(str, range(20)))
    axis = Axis(name="store", kind=AxisKind.VARIANT, values=stores, variants=(Variant(),) * len(stores))
    results = (
        ran(cell("lock", tiny=tiny, store=store), attempt(Outcome.HANG if int(store) < 9 else Outcome.PASS))
        for tiny in ("1.0", "2.0")
        for store in stores
    )
    matrix = Matrix(name="stores", title="Stores", set=MatrixSet.QUICK, axes=(axis,))
    text = repro_page(Subject(repro=REPRO, matrices=(matrix,), results=tuple(results)))
    assert "with 9 of 20 values of store, in 18 of their 40 cells" in text
