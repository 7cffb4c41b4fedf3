"""One attempt of a pytest repro: what its tests did, and what counts as evidence."""

from __future__ import annotations

import pytest

from bisectrix.judge.attempt import judge
from bisectrix.model.attempt import Blocked, Exited, Overran, Signalled, TestResult
from bisectrix.model.repro import Bug
from bisectrix.model.words import BugKind, HangGrade, Outcome, OverrunLabel, TestOutcome, Verdict
from support.seen import execution, result_of, task

HANG = Bug(kind=BugKind.HANG)
FAIL = Bug(kind=BugKind.FAIL)
STALLED = Blocked(grade=HangGrade.STALLED, reason="nothing ran", quiet_s=3.0)

PASSED = result_of("test_fine")
HUNG = result_of(
    "test_cancel", TestOutcome.HANG, "hung (nothing ran) in the test itself", (task(("test_app.py", "work")),)
)
HUNG_TOO = result_of("test_queue", TestOutcome.HANG, "hung (nothing ran) in the test itself")
FAILED = result_of("test_bad", TestOutcome.FAIL, "ValueError: bad (test_app.py:12)")
SKIPPED = result_of("test_new", TestOutcome.SKIP, "needs 3.12")
BLOCKED = result_of("test_blocked", TestOutcome.BLOCKED, "blocked by fixture db")
BROKEN = result_of("test_app.py", TestOutcome.ERROR, "ImportError: no module named x")
OVERRAN = result_of("test_slow", TestOutcome.TIMEOUT, "ran out of time (polling: wakes by timer) in the test itself")


def judged_words(bug: Bug, *tests: TestResult) -> tuple[Outcome, Verdict, str]:
    judged = judge(bug, execution(Exited(code=1), tests=tests))
    return judged.outcome, judged.verdict, judged.summary


def test_all_passing_is_good() -> None:
    judged = judge(HANG, execution(tests=(PASSED, SKIPPED)))
    assert (judged.outcome, judged.verdict, judged.summary) == (Outcome.PASS, Verdict.GOOD, "pass, 1 test, 1 skipped")
    assert judged.signature is None


def test_hangs_come_first_and_are_named() -> None:
    tests = (PASSED, HUNG, HUNG_TOO, FAILED, SKIPPED)
    judged = judge(HANG, execution(STALLED, tests=tests))
    assert (judged.outcome, judged.verdict) == (Outcome.HANG, Verdict.BAD)
    assert judged.summary == (
        "hang, 2 of 5 tests: test_cancel, test_queue; fail, 1 of 5 tests: test_bad: ValueError: bad (test_app.py:12)"
    )
    assert [frame.function for frame in judged.chain] == ["work"]


def test_a_signature_names_every_affected_test_in_any_order() -> None:
    one = judge(HANG, execution(STALLED, tests=(HUNG, HUNG_TOO))).signature
    other = judge(HANG, execution(STALLED, tests=(HUNG_TOO, PASSED, HUNG))).signature
    alone = judge(HANG, execution(STALLED, tests=(HUNG,))).signature
    assert one == other != alone


def test_another_failure_is_no_evidence_against_a_hang() -> None:
    assert judged_words(HANG, PASSED, FAILED) == (
        Outcome.FAIL,
        Verdict.SKIP,
        "fail, 1 of 2 tests: test_bad: ValueError: bad (test_app.py:12)",
    )


@pytest.mark.parametrize(
    ("bug", "tests", "verdict"),
    [
        (FAIL, (PASSED, FAILED), Verdict.BAD),
        (FAIL, (PASSED, HUNG), Verdict.SKIP),
        (Bug(kind=BugKind.FAIL, pattern="Type"), (FAILED,), Verdict.SKIP),
        (Bug(kind=BugKind.RAISES, pattern="^ValueError: bad$"), (FAILED,), Verdict.BAD),
        (Bug(kind=BugKind.RAISES, stack=("test_app.py",)), (FAILED,), Verdict.BAD),
        (Bug(kind=BugKind.RAISES, stack=("other.py",)), (FAILED,), Verdict.SKIP),
        (Bug(kind=BugKind.HANG, pattern="ValueError"), (FAILED,), Verdict.BAD),
        (Bug(kind=BugKind.HANG, stack=("test_app.py:work",)), (HUNG,), Verdict.BAD),
        (Bug(kind=BugKind.HANG, stack=("test_app.py:work",)), (HUNG_TOO,), Verdict.SKIP),
        (HANG, (PASSED, OVERRAN), Verdict.SKIP),
        (Bug(kind=BugKind.HANG, accept=(OverrunLabel.POLLING,)), (PASSED, OVERRAN), Verdict.BAD),
        (Bug(kind=BugKind.HANG, accept=(OverrunLabel.SPINNING,)), (PASSED, OVERRAN), Verdict.SKIP),
    ],
)
def test_the_declared_bug_is_looked_for_in_every_test(
    bug: Bug, tests: tuple[TestResult, ...], verdict: Verdict
) -> None:
    assert judge(bug, execution(Exited(code=1), tests=tests)).verdict is verdict


@pytest.mark.parametrize("pattern", ["test_cancel", "test_c*", "test_app.py::test_cancel", "*::test_cancel"])
def test_only_the_named_tests_count(pattern: str) -> None:
    bug = Bug(kind=BugKind.HANG, tests=(pattern,))
    assert judge(bug, execution(STALLED, tests=(HUNG, FAILED))).summary.startswith("hang, 1 of 1 tests: test_cancel")
    assert judge(Bug(kind=BugKind.HANG, tests=("test_fine",)), execution(STALLED, tests=(PASSED, HUNG))).verdict is (
        Verdict.GOOD
    )


def test_a_parametrised_test_is_named_exactly_or_without_its_parameters() -> None:
    tests = (result_of("test_pool[1-a]", TestOutcome.HANG), result_of("test_pool[2-a]"))
    assert judge(Bug(kind=BugKind.HANG, tests=("test_pool[2-a]",)), execution(tests=tests)).verdict is Verdict.GOOD
    assert judge(Bug(kind=BugKind.HANG, tests=("test_pool",)), execution(tests=tests)).verdict is Verdict.BAD


@pytest.mark.parametrize("idle", [SKIPPED, BLOCKED])
def test_tests_that_did_not_run_are_no_evidence(idle: TestResult) -> None:
    judged = judge(HANG, execution(tests=(idle,)))
    assert (judged.verdict, judged.summary) == (Verdict.SKIP, "pass, none of 1 tests ran")


def test_a_named_test_that_is_not_there_is_no_evidence() -> None:
    assert judge(Bug(kind=BugKind.FAIL, tests=("gone",)), execution(tests=(PASSED,))).verdict is Verdict.SKIP


def test_a_file_that_cannot_be_collected_is_not_the_declared_failure() -> None:
    outcome, verdict, summary = judged_words(FAIL, BROKEN)
    assert (outcome, verdict) == (Outcome.UNAVAILABLE, Verdict.SKIP)
    assert summary == "unavailable, collection: test_app.py: ImportError: no module named x"
    assert judged_words(Bug(kind=BugKind.FAIL, tests=("test_bad",)), BROKEN)[1] is Verdict.SKIP


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_an_exit_of_pytest_itself_is_not_the_declared_failure(code: int) -> None:
    judged = judge(FAIL, execution(Exited(code=code)), is_suite=True)
    assert (judged.outcome, judged.verdict) == (Outcome.UNAVAILABLE, Verdict.SKIP)
    assert judged.summary == f"unavailable, pytest itself: exit {code}"


def test_nothing_left_to_collect_after_a_hang_is_no_failure() -> None:
    assert judge(HANG, execution(Exited(code=5), tests=(PASSED,))).verdict is Verdict.GOOD


def test_a_hang_outside_the_tests_is_told_apart() -> None:
    judged = judge(HANG, execution(STALLED, tests=(PASSED,)))
    assert (judged.outcome, judged.verdict) == (Outcome.HANG, Verdict.BAD)
    assert judged.summary == "hang, outside the tests: stalled after 3.0 s: nothing ran"


def test_a_crash_outside_the_tests_is_no_evidence_for_a_hang() -> None:
    judged = judge(HANG, execution(Signalled(signal="SIGSEGV"), tests=(PASSED,)))
    assert (judged.verdict, judged.summary) == (Verdict.SKIP, "crash, outside the tests: SIGSEGV")


def test_an_overrun_that_a_test_accounts_for_is_said_once() -> None:
    ending = Overran(label=OverrunLabel.POLLING, detail="wakes by timer")
    summary = judge(HANG, execution(ending, tests=(OVERRAN,))).summary
    assert summary.startswith("timeout, 1 of 1 tests: test_slow")
    assert "outside" not in summary


def test_a_pattern_is_looked_for_in_what_the_suite_printed() -> None:
    bug = Bug(kind=BugKind.PRINTS, pattern="never awaited")
    assert judge(bug, execution(stdout="x was never awaited", tests=(PASSED,))).verdict is Verdict.BAD
    assert judge(bug, execution(stdout="fine", tests=(PASSED,))).verdict is Verdict.GOOD
    assert judge(bug, execution(stdout="fi", truncated=True, tests=(PASSED,))).verdict is Verdict.SKIP
