"""The searches on the page of a repro, compared with pages that a person has read and found true."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.model.bisection import BisectionRecord, CommitSearch, Culprit, FoundBoundary, Mover, Probed
from bisectrix.model.matrix import Axis, Matrix
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet, Outcome
from bisectrix.record import bisections
from bisectrix.report.findings import Subject, repro_page
from support.golden import assert_golden
from support.results import attempt, cell, ran

REPRO = Repro(
    name="vcr-pool",
    path=Path("repros/vcr-pool.py"),
    title="A request waits for ever under a VCR cassette",
    question="Which vcrpy releases make httpx wait for ever?",
    bug=Bug(kind=BugKind.HANG, stack=("vcr/stubs/httpcore_stubs.py",)),
    dependencies=("httpx", "vcrpy"),
    matrices=("quick",),
)
RELEASED = ("7.0.0", "8.1.1", "8.2.0")
QUICK = Matrix(
    name="quick",
    title="Three releases",
    set=MatrixSet.QUICK,
    axes=(Axis(name="vcrpy", kind=AxisKind.PACKAGE, values=RELEASED),),
)
RESULTS = tuple(
    ran(cell(vcrpy=vcrpy), attempt(Outcome.HANG if vcrpy == "8.1.1" else Outcome.PASS)) for vcrpy in RELEASED
)

INTRODUCED = FoundBoundary(
    direction="introduced",
    last_good="7.0.0",
    first_bad="8.0.0",
    untested=(),
    confidence=0.99,
    rate=1.0,
    culprit=Culprit(
        alone=True,
        movers=(Mover(name="urllib3", old="2.5.0", new=""), Mover(name="yarl", old="1.20.0", new="1.22.0")),
        why="it shows with all other packages as on the good side",
    ),
    explanation="vcrpy 7.0.0 -> 8.0.0: 2 files changed\n  vcr/stubs/httpcore_stubs.py: added; stands in the chain",
)
FIXED = FoundBoundary(
    direction="fixed",
    last_good="8.2.0",
    first_bad="8.1.1",
    untested=(),
    confidence=0.99,
    rate=1.0,
    culprit=Culprit(alone=True, movers=(), why="nothing else moved"),
    explanation="",
)
RELEASES = BisectionRecord(
    repro="vcr-pool",
    axis="vcrpy",
    kind=AxisKind.PACKAGE,
    first="1.0.0",
    last="8.3.0",
    size=86,
    python="3.11",
    sentences=(
        "Introduced in vcrpy 8.0.0 (last good vcrpy 7.0.0) (99% sure; shows in 100% of the runs).",
        "Fixed in vcrpy 8.2.0 (last bad vcrpy 8.1.1) (99% sure; shows in 100% of the runs).",
    ),
    specifier=">=8.0.0,<8.2.0",
    boundaries=(INTRODUCED, FIXED),
    probes=(
        Probed(value="1.0.0", good=0, bad=0, other=2, summary=f"fail, exit 1: {'ImportError ' * 40}"),
        Probed(value="7.0.0", good=2, bad=0, other=0, summary="pass"),
        Probed(value="8.0.0", good=0, bad=2, other=0, summary="hang, stalled after 3.0 s: main task waits in x (y.py)"),
    ),
    dropped=(*((f"0.{minor}", "requires Python <3") for minor in range(7)), ("8.1.2", "yanked")),
    likely=(),
    commands=(
        "nox -s bisect -- vcr-pool --package vcrpy",
        "nox -s bisect -- vcr-pool --package vcrpy --good 7.0.0 --bad 8.0.0",
    ),
)

COMMITS = CommitSearch(
    title="vcrpy from 7.0.0 to 8.0.0",
    size=41,
    sentences=('Introduced in commit 952994b36a7c "Use httpcore" (last good commit 0123456789ab "Tidy up").',),
    probes=(Probed(value='952994b36a7c "Use httpcore"', good=0, bad=2, other=0, summary="hang"),),
)
TO_THE_COMMIT = replace(
    RELEASES,
    sentences=(*RELEASES.sentences, *COMMITS.sentences),
    boundaries=(replace(INTRODUCED, commits=(COMMITS,)), FIXED),
)

PYTHONS = replace(
    RELEASES,
    axis="python",
    kind=AxisKind.PYTHON,
    first="3.10",
    last="3.13",
    size=4,
    python="",
    sentences=("Bad everywhere: 4 values of python were tested, from 3.10 to 3.13.",),
    specifier="",
    boundaries=(),
    probes=(Probed(value="3.10", good=0, bad=1, other=0, summary="hang"),),
    dropped=(),
    commands=("nox -s bisect -- vcr-pool --pythons",),
)
NASTY = "a|b `c` <script>alert(1)</script> *d* [f](http://g) \x1b[31m\n# new\n```"
STRANGE = replace(
    RELEASES,
    sentences=(NASTY,),
    boundaries=(
        replace(
            INTRODUCED,
            culprit=Culprit(alone=False, movers=(Mover(name=NASTY, old=NASTY, new=""),), why=NASTY),
            explanation=NASTY,
            commits=(replace(COMMITS, title=NASTY, sentences=(NASTY,)),),
        ),
    ),
    probes=(Probed(value=NASTY, good=1, bad=0, other=0, summary=NASTY),),
    dropped=((NASTY, NASTY),),
    commands=(NASTY,),
)

CASES = {
    "bisection-releases": (RELEASES,),
    "bisection-commits": (TO_THE_COMMIT,),
    "bisection-pythons": (PYTHONS, RELEASES),
    "bisection-strange-characters": (STRANGE,),
}


def page(*records: BisectionRecord) -> str:
    return repro_page(Subject(repro=REPRO, matrices=(QUICK,), results=RESULTS, bisections=records))


@pytest.mark.parametrize("name", CASES)
def test_a_page_with_searches_reads_as_expected(name: str) -> None:
    assert_golden(f"findings/{name}.md", page(*CASES[name]))


def test_a_repro_that_was_only_searched_has_a_page() -> None:
    searched = Subject(repro=REPRO, matrices=(QUICK,), results=(), bisections=(TO_THE_COMMIT,))
    assert_golden("findings/bisection-only.md", repro_page(searched))


def test_the_answer_speaks_of_all_that_was_searched() -> None:
    answer = "Bisected over 86 vcrpy releases, `vcrpy>=8.0.0,<8.2.0` shows it; `vcrpy>=8.2.0` avoids it."
    assert answer in page(RELEASES)
    assert answer not in page(PYTHONS)


def test_a_face_that_was_searched_for_has_a_range_of_its_own_and_does_not_stand_for_the_bug() -> None:
    face = replace(RELEASES, shows="PoolTimeout", specifier=">=8.1.0,<8.2.0")
    text = page(face, RELEASES)
    assert "Bisected over 86 vcrpy releases, `vcrpy>=8.0.0,<8.2.0` shows it;" in text
    assert "With `PoolTimeout` it shows in `vcrpy>=8.1.0,<8.2.0`." in text
    assert "### vcrpy: 86 values, 1.0.0 to 8.3.0 on Python 3.11, with `PoolTimeout` alone" in text


def test_how_long_it_took_does_not_show() -> None:
    slower = replace(RELEASES, probes=tuple(_slower(one) for one in RELEASES.probes))
    assert page(slower) == page(RELEASES)


def _slower(one: Probed) -> Probed:
    return replace(one, summary=one.summary.replace("3.0 s", "4.7 s"))


def test_nothing_strange_becomes_markup() -> None:
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", page(STRANGE).replace("<!-- ", ""), flags=re.DOTALL)
    assert "<script>" not in outside_code
    assert "\x1b" not in page(STRANGE)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    bisections.save(tmp_path, TO_THE_COMMIT)
    bisections.save(tmp_path, PYTHONS)
    bisections.save(tmp_path, replace(PYTHONS, repro="vcr-pool.other"))
    bisections.save(tmp_path, replace(RELEASES, shows="PoolTimeout"))
    assert set(bisections.load(tmp_path, "vcr-pool")) == {
        PYTHONS,
        TO_THE_COMMIT,
        replace(RELEASES, shows="PoolTimeout"),
    }


def test_a_record_names_no_folder_of_the_machine(tmp_path: Path) -> None:
    (first, *others) = PYTHONS.probes
    said = replace(first, summary="fail, exit 1: /home/somebody/.cache/bisectrix/scratch/run-1/tmp/store is locked")
    bisections.save(tmp_path, replace(PYTHONS, probes=(said, *others)))

    (read,) = bisections.load(tmp_path, PYTHONS.repro)

    assert "somebody" not in read.probes[0].summary
    assert "is locked" in read.probes[0].summary
