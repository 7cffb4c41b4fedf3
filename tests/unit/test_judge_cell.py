"""All attempts of a cell together."""

from __future__ import annotations

from bisectrix.judge.cell import judge_cell
from bisectrix.judge.rate import wilson
from bisectrix.model.result import Decided, Skipped
from bisectrix.model.words import Outcome, SkipReason, Verdict
from support.seen import attempt

BAD = attempt(Verdict.BAD, Outcome.HANG)
GOOD = attempt(Verdict.GOOD, Outcome.PASS)
OTHER = attempt(Verdict.SKIP, Outcome.FAIL, "fail, exit 1: ImportError: x")
TIMEOUT = attempt(Verdict.SKIP, Outcome.TIMEOUT, "timeout, progressing: 12 lines")


def test_all_bad_is_bad_and_all_good_is_good() -> None:
    assert judge_cell([BAD] * 3) == Decided(verdict=Verdict.BAD, rate=wilson(3, 3), flaky=False)
    assert judge_cell([GOOD] * 3) == Decided(verdict=Verdict.GOOD, rate=wilson(0, 3), flaky=False)


def test_one_bad_among_good_ones_is_bad_and_flaky() -> None:
    assert judge_cell([GOOD, BAD, GOOD]) == Decided(verdict=Verdict.BAD, rate=wilson(1, 3), flaky=True)


def test_attempts_without_evidence_are_not_in_the_rate() -> None:
    assert judge_cell([BAD, OTHER, TIMEOUT]) == Decided(verdict=Verdict.BAD, rate=wilson(1, 1), flaky=False)
    assert judge_cell([GOOD, OTHER]) == Decided(verdict=Verdict.GOOD, rate=wilson(0, 1), flaky=False)


def test_one_pass_among_other_failures_proves_nothing() -> None:
    told = "only 1 of 3 attempts passed, the others were no evidence: fail, exit 1: ImportError: x"
    assert judge_cell([GOOD, OTHER, OTHER]) == Skipped(reason=SkipReason.UNDECIDED, explanation=told)


def test_without_evidence_the_usual_trouble_explains() -> None:
    assert judge_cell([TIMEOUT, OTHER, OTHER]) == Skipped(
        reason=SkipReason.OTHER_FAILURE, explanation="fail, exit 1: ImportError: x"
    )
    assert judge_cell([TIMEOUT, TIMEOUT]) == Skipped(
        reason=SkipReason.TIMEOUT, explanation="timeout, progressing: 12 lines"
    )


def test_no_attempts_decide_nothing() -> None:
    assert judge_cell([]) == Skipped(reason=SkipReason.UNDECIDED, explanation="no attempt was made")
