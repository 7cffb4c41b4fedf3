"""Pages made from planted results, compared with pages that a person has read and found true."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, product
from pathlib import Path

import pytest

from bisectrix.matrix.selection import parse_selection
from bisectrix.model.attempt import Attempt, Frame
from bisectrix.model.matrix import Axis, Exclusion, Matrix, OpenAxis, Variant
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.result import CellResult
from bisectrix.model.words import AxisKind, BugKind, MatrixSet, Outcome, SkipReason, TestOutcome, Verdict
from bisectrix.report.findings import Subject, check, overview, repro_page
from support.golden import assert_golden
from support.results import WAITING, attempt, cell, did, digest, ran, unavailable

RELEASES = ("6.0.2", "7.0.0", "8.0.0", "8.1.1", "8.2.0", "10.0.0")
PYTHONS = ("3.9", "3.10", "3.11")

REPRO = Repro(
    name="vcr-pool",
    path=Path("repros/vcr-pool.py"),
    title="A request waits for ever under a VCR cassette",
    question="Which vcrpy releases make httpx wait for ever for a connection?",
    bug=Bug(kind=BugKind.HANG, stack=("vcr/stubs/httpcore_stubs.py", "wait_for_connection")),
    links=("https://example.org/issues/977",),
    dependencies=("httpx>=0.25.2", "vcrpy>=4.4"),
    matrices=("quick", "full"),
)

PYTHON = OpenAxis(name="python", kind=AxisKind.PYTHON, specifier=">=3.9")
CURRENT = OpenAxis(name="python", kind=AxisKind.PYTHON, specifier="current")
VCRPY = Axis(name="vcrpy", kind=AxisKind.PACKAGE, values=RELEASES)
RESOLUTION = Axis(name="resolution", kind=AxisKind.RESOLUTION, values=("highest", "lowest-direct"))

QUICK = Matrix(name="quick", title="Six releases", set=MatrixSet.QUICK, axes=(CURRENT, VCRPY))
FULL = Matrix(name="full", title="Everything", set=MatrixSet.FULL, axes=(PYTHON, RESOLUTION, VCRPY))
BY_PYTHON = Matrix(name="by-python", title="Every Python", set=MatrixSet.FULL, axes=(PYTHON, VCRPY))


def subject(results: Sequence[CellResult], *matrices: Matrix, repro: Repro = REPRO) -> Subject:
    return Subject(repro=repro, matrices=matrices, results=tuple(results), resolvers=("uv 0.9.0",))


def release(vcrpy: str, *attempts: Attempt, python: str = "3.11") -> CellResult:
    packages = (("httpx", "0.28.1"), ("vcrpy", vcrpy))
    return ran(cell(python=python, vcrpy=vcrpy), *attempts, packages=packages)


def hangs_in_the_middle(vcrpy: str) -> Attempt:
    return attempt(Outcome.HANG if vcrpy in {"8.0.0", "8.1.1"} else Outcome.PASS)


def introduced_and_fixed() -> Subject:
    """Cells of two matrices; on the oldest Python it was never seen, and one release is no evidence."""
    quick = [release(vcrpy, hangs_in_the_middle(vcrpy)) for vcrpy in RELEASES]
    full = []
    for python, resolution, vcrpy in product(PYTHONS, RESOLUTION.values, RELEASES):
        here = cell(python=python, resolution=resolution, vcrpy=vcrpy)
        if vcrpy == "6.0.2":
            full.append(unavailable(here, SkipReason.UNSATISFIABLE, "Because httpx<1 and\n  `vcrpy` | do not fit"))
        elif vcrpy == "8.2.0" and resolution == "lowest-direct":
            full.append(ran(here, attempt(Outcome.FAIL)))
        else:
            old = python == "3.9"
            full.append(ran(here, attempt() if old else hangs_in_the_middle(vcrpy)))
    return subject([*quick, *full], QUICK, FULL)


def good_everywhere() -> Subject:
    return subject([release(vcrpy, attempt(), attempt()) for vcrpy in RELEASES], QUICK)


def bad_everywhere() -> Subject:
    return subject([release(vcrpy, attempt(Outcome.HANG)) for vcrpy in RELEASES[2:]], QUICK)


def flaky() -> Subject:
    several = [attempt(Outcome.HANG), *[attempt()] * 9]
    results = [release("7.0.0", *[attempt()] * 10), release("8.0.0", *several), release("8.2.0", *[attempt()] * 10)]
    return subject(results, QUICK)


def nothing_could_run() -> Subject:
    missing = [unavailable(cell(python="3.14", vcrpy=vcrpy)) for vcrpy in RELEASES]
    without = Exclusion(where=(("python", "3.13"), ("vcrpy", "4.*")), reason="imports imp")
    return subject(missing, replace(QUICK, exclude=(without,)))


def two_signatures() -> Subject:
    other = (*WAITING[:2], Frame(file="ssl.py", function="read", line=9))
    results = [release("8.0.0", attempt(Outcome.HANG)), release("8.1.1", attempt(Outcome.HANG, frames=other))]
    other_bug = attempt(Outcome.HANG, verdict=Verdict.SKIP, frames=other[1:])
    return subject([*results, release("8.2.0", other_bug), release("10.0.0", attempt())], QUICK)


def variants() -> Subject:
    vcr = Axis(name="vcr", kind=AxisKind.VARIANT, values=("on", "off"), variants=(Variant(), Variant()))
    matrix = replace(QUICK, name="controlled", axes=(PYTHON, VCRPY, vcr))
    results = [
        ran(cell(python=python, vcr=on, vcrpy=vcrpy), hangs_in_the_middle(vcrpy) if on == "on" else attempt())
        for python, vcrpy, on in product(PYTHONS, RELEASES, vcr.values)
    ]
    return subject(results, matrix)


def strange_characters() -> Subject:
    nasty = "a|b `c` <script>alert(1)</script> *d* _e_ [f](http://g) \x1b[31m \u202edetrever\u202c\n# new\n```"
    repro = replace(REPRO, title=nasty, question=nasty, links=("javascript:alert(1)",))
    odd = attempt(Outcome.HANG, frames=[Frame(file=nasty, function=nasty, line=1)])
    tests = [did(f"t.py::test_[{nasty}]", TestOutcome.FAIL, nasty)]
    results = [release("8.0.0", odd), unavailable(cell(python="3.12", vcrpy="8.2.0"), explanation=nasty)]
    return subject([*results, release("8.2.0", attempt(tests=tests))], replace(QUICK, title=nasty), repro=repro)


def suite() -> Subject:
    """Four tests on three Pythons: one hangs on the older two, one is skipped there, one fails now and then."""
    repro = replace(
        REPRO,
        name="asyncio-cancellation",
        title="What asyncio does about a cancel",
        question="Which Pythons wait for ever?",
        bug=Bug(kind=BugKind.HANG),
        tests=("test_queue.py", "test_wait_for.py"),
        dependencies=("pytest>=7",),
    )
    wait_for = (
        Frame(file="test_wait_for.py", function="test_stops", line=12),
        Frame(file="asyncio/tasks.py", function="wait_for", line=494),
    )
    matrix = Matrix(name="every-python", title="Every Python", set=MatrixSet.FULL, axes=(PYTHON,))
    results = []
    for python in PYTHONS:
        old = python != "3.11"
        hang = did("test_wait_for.py::test_stops", TestOutcome.HANG, "stalled after 3.1 s", wait_for)
        stops = hang if old else did("test_wait_for.py::test_stops", TestOutcome.PASS)
        needs = "Skipped: needs Queue.shutdown"
        shutdown = did(
            "test_queue.py::test_shutdown", TestOutcome.SKIP if old else TestOutcome.PASS, needs if old else ""
        )
        always = did("test_queue.py::test_order[a|b]", TestOutcome.PASS)
        race = did("test_queue.py::test_race", TestOutcome.FAIL, "AssertionError: lost 1 item (test_queue.py:40)")
        calm = did("test_queue.py::test_race", TestOutcome.PASS)
        outcome = Outcome.HANG if old else Outcome.PASS
        attempts = [attempt(outcome, tests=[stops, shutdown, always, one]) for one in (calm, race if old else calm)]
        results.append(ran(cell("asyncio-cancellation", python=python), *attempts))
    return subject(results, matrix, repro=repro)


SUBJECTS = {
    "introduced-and-fixed": introduced_and_fixed(),
    "good-everywhere": good_everywhere(),
    "bad-everywhere": bad_everywhere(),
    "flaky": flaky(),
    "nothing-could-run": nothing_could_run(),
    "two-signatures": two_signatures(),
    "variants": variants(),
    "strange-characters": strange_characters(),
    "suite": suite(),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_page_reads_as_expected(name: str) -> None:
    assert_golden(f"findings/{name}.md", repro_page(SUBJECTS[name]))


def test_the_overview_reads_as_expected() -> None:
    subjects = [replace(subject, repro=replace(subject.repro, name=name)) for name, subject in SUBJECTS.items()]
    assert_golden("findings/findings.md", overview(subjects))


def test_the_overview_of_nothing_says_what_to_run() -> None:
    assert "`nox -s matrix`" in overview([])


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_order_of_results_does_not_matter(name: str) -> None:
    planted = SUBJECTS[name]
    assert repro_page(replace(planted, results=planted.results[::-1])) == repro_page(planted)


def test_times_and_loads_do_not_show() -> None:
    slow = [
        release("8.0.0", replace(attempt(Outcome.HANG, duration_s=duration_s), load=load, started_at=started_at))
        for duration_s, load, started_at in ((1.0, 1, "2026-01-01T00:00:00Z"), (9.0, 4, "2027-01-01T00:00:00Z"))
    ]
    one, two = (repro_page(subject([result], QUICK)) for result in slow)
    assert one == two


def test_results_of_two_versions_of_a_repro_are_told_apart() -> None:
    newer = replace(release("8.2.0", attempt()), repro_sha256=digest("edited"))
    assert "another version of the repro" in repro_page(subject([release("8.0.0", attempt()), newer], QUICK))


@pytest.mark.parametrize("name", sorted(set(SUBJECTS) - {"nothing-could-run"}))
def test_every_command_on_a_page_selects_the_cell_it_is_about(name: str) -> None:
    planted = SUBJECTS[name]
    cells = [result.cell for result in planted.results]
    page = repro_page(planted)
    runs = [shlex.split(line) for line in page.splitlines() if line.startswith("nox ")]
    shows = [shlex.split(line) for line in page.splitlines() if line.startswith("bisectrix show ")]
    assert len(runs) == len(shows) > 0
    for run, show in zip(runs, shows, strict=True):
        assert run[:5] == ["nox", "-s", "matrix", "--", planted.repro.name]
        assert run[-1] == "--rerun"
        selected = [one.name for one in cells if parse_selection(run[run.index("-k") + 1])(one)]
        assert show[2] in selected


def test_nothing_strange_becomes_markup() -> None:
    page = repro_page(SUBJECTS["strange-characters"])
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", page.replace("<!-- ", ""), flags=re.DOTALL)
    assert "<script>" not in outside_code
    assert "\n# new" not in page
    assert "](javascript" not in page
    assert not {"\x1b", "\u202e"} & set(page)
    for is_table, lines in groupby(page.splitlines(), key=lambda line: line.startswith("|")):
        assert not is_table or len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_cells_of_a_single_release_say_nothing_of_where_it_changes() -> None:
    many = [release(vcrpy, hangs_in_the_middle(vcrpy)) for vcrpy in RELEASES]
    single = [release("8.1.1", attempt(Outcome.HANG), python=python) for python in ("3.9", "3.10")]
    page = repro_page(subject([*many, *single], BY_PYTHON))
    assert "| 8.0.0 and 8.1.1 | 7.0.0 | 8.0.0 | 8.1.1 | 8.2.0 | none | Python 3.11 |" in page
    assert "| none older |" not in page
    assert "| none older |" in repro_page(subject(single, BY_PYTHON))


def test_a_suite_without_a_good_cell_says_where_fewest_tests_show_the_bug() -> None:
    results = [
        ran(
            cell("suite", python=python),
            attempt(Outcome.HANG, tests=[did(f"t.py::test_{number}", TestOutcome.HANG) for number in range(hangs)]),
        )
        for python, hangs in (("3.9", 2), ("3.10", 1), ("3.11", 2))
    ]
    page = repro_page(subject(results, BY_PYTHON, repro=replace(REPRO, name="suite")))
    assert "No cell is good; fewest tests show it on 3.10 (1), and 1 test does the same everywhere." in page


def test_pages_that_agree_pass_the_check(tmp_path: Path) -> None:
    (tmp_path / "findings.md").write_text("é\n", encoding="utf-8")
    assert check({"findings.md": "é\n"}, tmp_path) == ()


def test_the_check_names_what_is_missing_and_what_differs(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("one\ntwo\n", encoding="utf-8")
    missing, differs = check({"new.md": "text\n", "old.md": "one\nthree\n"}, tmp_path)
    assert missing == "new.md: missing"
    assert differs.splitlines() == [
        "old.md: differs from the records",
        "  --- old.md (as it is)",
        "  +++ old.md (from the records)",
        "  @@ -1,2 +1,2 @@",
        "   one",
        "  -two",
        "  +three",
    ]


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("", encoding="utf-8")
    (found,) = check({"old.md": "line\n" * 100}, tmp_path)
    assert found.endswith("... and 83 more lines")
