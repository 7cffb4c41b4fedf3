"""Claims: read from a manifest, settled by records, told on a page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.errors import ManifestError
from bisectrix.judge.claims import Searched, settle
from bisectrix.manifest.repro import parse_repro
from bisectrix.model.bisection import BisectionRecord, Culprit, FoundBoundary
from bisectrix.model.claim import ChangesAt, Claim, Expectation, SeenIn, Share, Stated
from bisectrix.model.result import CellResult
from bisectrix.model.words import AxisKind, ClaimKind, ClaimStatus, Outcome, TestOutcome
from bisectrix.report.claims import claims as page_claims
from bisectrix.report.claims import seen_words, status_counts
from bisectrix.report.findings import Subject, evidence_of, overview, repro_page
from support.results import attempt, cell, did, ran, unavailable

HANG, PASS, FAIL = Outcome.HANG, Outcome.PASS, Outcome.FAIL

MANIFEST = """\
title = "Lost wake-ups"
dependencies = ["pytest>=7"]
tests = ["test_a.py"]
[bug]
kind = "hang"
"""


def said(*expect: Expectation, cause: str = "", untestable: str = "") -> Claim:
    return Claim(
        id="c", kind=ClaimKind.THEORY, says="it does", cause=cause, untestable=untestable, expect=tuple(expect)
    )


def seen_in(where: str, outcome: str, *, test: str = "") -> SeenIn:
    pairs = (pair.split("=") for pair in where.split(","))
    return SeenIn(where=tuple((axis, value) for axis, value in pairs), outcome=outcome, test=test)


def at(vcr: str, version: str, *outcomes: Outcome) -> CellResult:
    packages = (("vcrpy", version), *((("pytest-recording", "1"),) if vcr == "on" else ()))
    return ran(cell(vcr=vcr, vcrpy=version), *map(attempt, outcomes), packages=packages)


ON, OFF = at("on", "8.1.1", HANG, HANG), at("off", "8.1.1", PASS, PASS)


@pytest.mark.parametrize(
    ("expect", "status"),
    [
        ((seen_in("vcr=on", "hang"),), ClaimStatus.VERIFIED),
        ((seen_in("vcr=on,vcrpy=8.1.1", "bad"), seen_in("vcr=off", "good")), ClaimStatus.VERIFIED),
        ((seen_in("vcr=off", "hang"),), ClaimStatus.REFUTED),
        ((seen_in("vcr=on", "hang"), seen_in("vcr=off", "hang")), ClaimStatus.MIXED),
        ((seen_in("vcr=on", "hang"), seen_in("vcr=maybe", "hang")), ClaimStatus.UNTESTED),
        ((seen_in("vcrpy=8.1", "hang"),), ClaimStatus.UNTESTED),
        ((seen_in("vcrpy=8.1.*", "hang"),), ClaimStatus.REFUTED),
        ((replace(seen_in("vcrpy=8.1.*", "hang"), share=Share.SOME),), ClaimStatus.VERIFIED),
        ((), ClaimStatus.UNTESTED),
    ],
)
def test_a_claim_is_what_its_cells_make_of_it(expect: tuple[SeenIn, ...], status: ClaimStatus) -> None:
    assert settle(said(*expect), (ON, OFF)).status is status


@pytest.mark.parametrize(
    ("low", "high", "status"), [(0.3, 0.3, "verified"), (0.9, 1.0, "refuted"), (0, 0.1, "refuted")]
)
def test_a_stated_share_is_compared_with_the_interval_of_what_was_seen(low: float, high: float, status: str) -> None:
    flaky = ran(cell(n="5"), *map(attempt, [FAIL] * 12 + [PASS] * 28))
    expected = replace(seen_in("n=5", "fail"), share=Stated(low=low, high=high))
    settled = settle(said(expected), (flaky,))
    assert settled.status == status
    assert "fail 12/40 (18.1\N{EN DASH}45.4 %)" in next(seen_words(settled))


def test_what_a_record_shows_can_be_a_part_of_the_claim() -> None:
    waits = seen_in("vcr=on", "hang")
    assert settle(said(replace(waits, shows=r"httpcore_stubs\.py:")), (ON,)).status is ClaimStatus.VERIFIED
    assert settle(said(replace(waits, shows="CancelledError")), (ON,)).status is ClaimStatus.REFUTED


def test_a_claim_can_say_how_far_a_program_comes() -> None:
    stuck = ran(cell(vcr="on"), *(replace(attempt(HANG), printed="request 17 of 40") for _ in range(3)))
    waits = seen_in("vcr=on", "hang")
    assert settle(said(replace(waits, shows="^request 17 of")), (stuck,)).status is ClaimStatus.VERIFIED
    assert settle(said(replace(waits, shows="^request 7 of")), (stuck,)).status is ClaimStatus.REFUTED


def test_a_test_is_named_with_or_without_its_file() -> None:
    tests = (did("test_a.py::test_x[1]", TestOutcome.HANG), did("test_a.py::test_y", TestOutcome.PASS))
    result = ran(cell(python="3.11"), attempt(HANG, tests=tests))
    for name, outcome in (("test_x*", "hang"), ("test_a.py::test_y", "pass")):
        assert settle(said(seen_in("python=3.11", outcome, test=name)), (result,)).status is ClaimStatus.VERIFIED
    assert settle(said(seen_in("python=3.11", "pass", test="test_z")), (result,)).status is ClaimStatus.UNTESTED


def test_a_skipped_test_is_told_as_such() -> None:
    result = ran(cell(python="3.10"), attempt(PASS, tests=(did("test_a.py::test_x", TestOutcome.SKIP),)))
    settled = settle(said(seen_in("python=3.10", "skip", test="test_x")), (result,))
    assert list(seen_words(settled)) == ["python=3.10: test_x skip 1/1, as claimed"]


def test_a_cell_that_could_not_run_is_no_evidence_unless_that_is_what_was_said() -> None:
    missing = unavailable(cell(vcrpy="8.0.0"))
    assert settle(said(seen_in("vcrpy=8.0.0", "hang")), (missing,)).status is ClaimStatus.UNTESTED
    assert settle(said(seen_in("vcrpy=8.0.0", "unavailable")), (missing,)).status is ClaimStatus.VERIFIED


def test_a_cause_is_controlled_by_the_cell_that_differs_in_it_alone() -> None:
    settled = settle(said(seen_in("vcr=on", "hang"), cause="vcr"), (ON, OFF, at("off", "7.0.0", HANG)))
    assert [(pair.other, pair.same) for pair in settled.pairs] == [("off", False)]
    assert not settled.vacuous
    assert list(seen_words(settled))[1] == (
        "vcr makes the difference: hang 2/2 with on, pass 2/2 with off, nothing else differs but 1 package in the lock"
    )


def test_pairs_that_look_alike_are_told_once() -> None:
    results = [replace(one, cell=cell(vcr=one.cell.get("vcr"), n=n)) for n in "12" for one in (ON, OFF)]
    words = list(seen_words(settle(said(seen_in("vcr=on", "hang"), cause="vcr"), results)))
    assert len(words) == len(("the count", "the pairs"))
    assert words[1].endswith("in each of 2 pairs of cells")


def test_a_claim_that_is_true_without_its_cause_too_is_vacuous() -> None:
    settled = settle(said(seen_in("vcr=on", "hang"), cause="vcr"), (ON, at("off", "8.1.1", HANG)))
    assert settled.status is ClaimStatus.VERIFIED
    assert settled.vacuous
    assert status_counts([settled]) == "1 verified (1 vacuous)"


def test_a_cause_without_a_pair_is_said_not_to_be_controlled() -> None:
    words = list(seen_words(settle(said(seen_in("vcr=on", "hang"), cause="vcr"), (ON,))))
    assert words[-1] == "no cell that differs in vcr alone is recorded: the cause is not controlled"


def boundary(direction: str, last_good: str, first_bad: str, *untested: str) -> FoundBoundary:
    return FoundBoundary(
        direction=direction,
        last_good=last_good,
        first_bad=first_bad,
        untested=untested,
        confidence=0.99,
        rate=1.0,
        culprit=Culprit(alone=True, movers=(), why="the others were held"),
        explanation="",
    )


def searched(*boundaries: FoundBoundary) -> BisectionRecord:
    return BisectionRecord(
        repro="vcr-pool",
        axis="vcrpy",
        kind=AxisKind.PACKAGE,
        first="4.4.0",
        last="9.4.2",
        size=86,
        python="3.11",
        sentences=("Introduced in vcrpy 8.0.0.",),
        specifier=">=8.0.0,<8.2.0",
        boundaries=boundaries,
        probes=(),
        dropped=(),
        likely=(),
        commands=(),
    )


@pytest.mark.parametrize(
    ("introduced", "fixed", "status"),
    [
        ("8.0.0", "8.2.0", ClaimStatus.VERIFIED),
        ("8.0.0", "", ClaimStatus.VERIFIED),
        ("8.1.0", "8.2.0", ClaimStatus.MIXED),
        ("8.1.0", "", ClaimStatus.REFUTED),
    ],
)
def test_a_change_is_checked_by_a_bisection(introduced: str, fixed: str, status: ClaimStatus) -> None:
    claim = said(
        *([ChangesAt(axis="vcrpy", introduced=introduced)] if introduced else []),
        *([ChangesAt(axis="vcrpy", fixed=fixed)] if fixed else []),
    )
    record = searched(boundary("introduced", "7.0.0", "8.0.0"), boundary("fixed", "8.2.0", "8.1.1"))
    assert settle(claim, (), (record,)).status is status


def test_a_change_is_shown_by_every_search_that_found_it() -> None:
    record = searched(boundary("introduced", "7.0.0", "8.0.0"))
    narrow, wide = (replace(record, commands=(f"nox -s bisect -- {name}", "and more")) for name in ("a", "b"))
    (check,) = settle(said(ChangesAt(axis="vcrpy", introduced="8.0.0")), (), (narrow, wide)).checks
    assert check == Searched(
        expected=ChangesAt(axis="vcrpy", introduced="8.0.0"),
        holds=True,
        found="Introduced in vcrpy 8.0.0.",
        commands=("nox -s bisect -- a", "nox -s bisect -- b"),
    )


def test_a_class_of_releases_that_could_not_be_tested_settles_nothing_about_its_members() -> None:
    record = searched(boundary("introduced", "7.0.0", "8.0.1", "8.0.0"))
    for version in ("8.0.0", "8.0.1"):
        claim = said(ChangesAt(axis="vcrpy", introduced=version))
        assert settle(claim, (), (record,)).status is ClaimStatus.UNTESTED
    assert settle(said(ChangesAt(axis="vcrpy", introduced="8.1.0")), (), (record,)).status is ClaimStatus.REFUTED


def test_a_change_of_one_face_is_checked_by_the_search_for_that_face_alone() -> None:
    any_face = searched(boundary("introduced", "7.0.0", "8.0.0"))
    timeouts = replace(searched(boundary("introduced", "8.0.0", "8.1.0")), shows="PoolTimeout")
    of_any, of_timeouts, of_another = (
        settle(said(ChangesAt(axis="vcrpy", introduced="8.1.0", shows=shows)), (), (any_face, timeouts)).status
        for shows in ("", "PoolTimeout", "ReadError")
    )
    assert (of_any, of_timeouts, of_another) == (ClaimStatus.REFUTED, ClaimStatus.VERIFIED, ClaimStatus.UNTESTED)


def test_without_a_search_for_a_face_the_command_names_it() -> None:
    claim = said(ChangesAt(axis="vcrpy", fixed="8.2.0", shows="no free slot"))
    repro = replace(parse_repro(MANIFEST, Path("repros/lost"), "lost"), claims=(claim,))
    (words,) = page_claims(repro, evidence_of(Subject(repro=repro, matrices=(), results=())))
    assert "fixed in 8.2.0 with no free slot" in words.seen[0]
    assert "nox -s bisect -- lost --package vcrpy --shows 'no free slot'" in words.commands


def test_without_a_search_a_change_is_untested_and_the_command_is_given() -> None:
    repro = replace(
        parse_repro(MANIFEST, Path("repros/lost"), "lost"), claims=(said(ChangesAt(axis="vcrpy", fixed="8.2.0")),)
    )
    (words,) = page_claims(repro, evidence_of(Subject(repro=repro, matrices=(), results=())))
    assert "nobody has searched along vcrpy yet" in words.seen[0]
    assert "nox -s bisect -- lost --package vcrpy" in words.commands


def test_what_cannot_be_tested_is_listed_with_the_reason() -> None:
    settled = settle(said(untestable="it is about opinions"), ())
    assert settled.status is ClaimStatus.UNTESTABLE
    assert list(seen_words(settled)) == ["no cell can settle it: it is about opinions"]


CLAIMS = """
[[claims]]
id = "theory-b"
kind = "theory"
says = "VCR's stubs are needed"
source = "https://example.org/3929"
likelihood = "medium"
cause = "vcr"
expect = [
  { cell = "vcrpy=8.1.1, vcr=on", outcome = "hang", test = "test_x*", shows = "stubs", rate = [0.5, 1] },
  { cell = "vcr=off", outcome = "pass" },
  { axis = "vcrpy", introduced = "8.0.0" },
  { axis = "vcrpy", fixed = "8.2.0", shows = "PoolTimeout" },
]
[[claims]]
id = "opinion"
kind = "advice"
says = "It is ugly"
untestable = "nothing runs"
"""


def test_a_manifest_says_what_its_claims_expect() -> None:
    theory, opinion = parse_repro(MANIFEST + CLAIMS, Path("repros/lost"), "lost").claims
    assert theory.expect == (
        SeenIn(
            where=(("vcr", "on"), ("vcrpy", "8.1.1")),
            outcome="hang",
            test="test_x*",
            shows="stubs",
            share=Stated(low=0.5, high=1.0),
        ),
        SeenIn(where=(("vcr", "off"),), outcome="pass"),
        ChangesAt(axis="vcrpy", introduced="8.0.0"),
        ChangesAt(axis="vcrpy", fixed="8.2.0", shows="PoolTimeout"),
    )
    assert (theory.kind, theory.likelihood, theory.cause) == (ClaimKind.THEORY, "medium", "vcr")
    assert opinion.untestable == "nothing runs"


@pytest.mark.parametrize(
    ("expect", "mistake"),
    [
        ('{ cell = "vcr", outcome = "hang" }', 'cell: found "vcr", expected coordinates such as'),
        ('{ cell = "a=1,a=2", outcome = "hang" }', "(each axis once)"),
        ('{ cell = "a=1" }', "outcome: found nothing, expected what is seen in the cell"),
        ('{ cell = "a=1", outcome = "hung" }', 'outcome: found "hung", expected one of pass, fail'),
        ('{ cell = "a=1", outcome = "skip" }', "(that is an outcome of a test: add test)"),
        ('{ cell = "a=1", outcome = "fail", rate = 3 }', "rate: found 3, expected a share from 0 to 1"),
        ('{ cell = "a=1", outcome = "fail", rate = [0.9, 0.1] }', "expected a share from 0 to 1"),
        ('{ cell = "a=1", outcome = "fail", rate = "most" }', 'rate: found "most", expected one of every, some'),
        ('{ cell = "a=1", outcome = "fail", shows = "(" }', "expected a regular expression of Python"),
        ('{ introduced = "8" }', "axis: found nothing, expected the axis along which it changes"),
        ('{ axis = "a" }', "introduced: found nothing, expected introduced, fixed, or both"),
        ('{ axis = "a", fixed = "8", outcome = "hang" }', "expected no outcome beside axis"),
    ],
)
def test_a_mistake_in_a_claim_has_a_place_and_a_remedy(expect: str, mistake: str) -> None:
    text = f'{MANIFEST}[[claims]]\nid = "a"\nkind = "theory"\nsays = "x"\nexpect = [{expect}]\n'
    with pytest.raises(ManifestError) as error:
        parse_repro(text, Path("repros/lost"), "lost")
    assert mistake in str(error.value)
    assert "claims[0].expect[0]" in str(error.value)


@pytest.mark.parametrize(
    ("claims", "mistake"),
    [
        ('[[claims]]\nid = "a"\nkind = "theory"\nsays = "x"\n', "claims[0].expect: found nothing"),
        ('[[claims]]\nid = "a"\nkind = "guess"\nsays = "x"\nuntestable = "y"\n', "expected one of finding, theory"),
        (CLAIMS + CLAIMS.replace("opinion", "other"), "(it is the same as [0])"),
    ],
)
def test_claims_need_an_expectation_a_kind_and_names_of_their_own(claims: str, mistake: str) -> None:
    with pytest.raises(ManifestError) as error:
        parse_repro(MANIFEST + claims, Path("repros/lost"), "lost")
    assert mistake in str(error.value)


def test_the_page_tells_claim_status_counts_and_command() -> None:
    repro = parse_repro(MANIFEST + CLAIMS, Path("repros/lost"), "lost")
    subject = Subject(repro=repro, matrices=(), results=(ON, OFF))
    page = repro_page(subject)
    assert "## What was said about it" in page
    assert "### `opinion`: **untestable**" in page
    assert (
        "| `theory-b` | theory: VCR's stubs are needed (its author: medium) [source](https://example.org/3929) |"
        in page
    )
    assert "- vcr=off: pass 2/2, as claimed." in page
    assert "| claims |" in overview([subject])
    assert "1 untested, 1 untestable" in overview([subject])


def test_a_cause_can_be_compared_with_one_value_only() -> None:
    claim = replace(said(seen_in("vcr=on", "hang"), cause="vcr"), against="off")
    settled = settle(claim, (ON, OFF, at("other", "8.1.1", HANG)))
    assert [(pair.other, pair.same) for pair in settled.pairs] == [("off", False)]


def test_a_refuted_claim_is_controlled_in_the_same_way() -> None:
    settled = settle(said(seen_in("vcr=on", "pass"), cause="vcr"), (ON, at("off", "8.1.1", HANG)))
    assert settled.status is ClaimStatus.REFUTED
    assert [pair.same for pair in settled.pairs] == [True]
