"""How a recorded cell looked: what a replay of it must show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bisectrix.judge.chain import useful
from bisectrix.judge.signature import frame_names, message_head
from bisectrix.model.attempt import Attempt, TestResult
from bisectrix.model.words import Outcome, TestOutcome, Verdict

WORST_FIRST = (TestOutcome.HANG, TestOutcome.CRASH, TestOutcome.FAIL, TestOutcome.ERROR, TestOutcome.TIMEOUT)

OUTCOMES = {
    TestOutcome.HANG: Outcome.HANG,
    TestOutcome.CRASH: Outcome.CRASH,
    TestOutcome.FAIL: Outcome.FAIL,
    TestOutcome.ERROR: Outcome.FAIL,
    TestOutcome.TIMEOUT: Outcome.TIMEOUT,
}
"""All other outcomes of a test leave pytest with exit code 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one attempt showed, without what differs between runs.

    Attributes:
        head: exception and message, name of a signal, or place of a hang; empty for a pass.
        frames: `file:function`, outermost first.
    """

    outcome: Outcome
    head: str = ""
    frames: tuple[str, ...] = ()


def looks(attempts: Sequence[Attempt], test: str = "") -> tuple[Look, ...]:
    """Return the different looks of attempts, those that show the bug first; with `test`, of this one test."""
    showing_first = sorted(attempts, key=lambda attempt: attempt.verdict is not Verdict.BAD)
    found = (_look(attempt) for attempt in showing_first) if not test else _looks_of_test(showing_first, test)
    return tuple(dict.fromkeys(found))


def telling_test(attempts: Sequence[Attempt]) -> str:
    """Return the test that failed worst in the first attempt that shows the bug; empty where none failed."""
    telling = next((attempt for attempt in attempts if attempt.verdict is Verdict.BAD), attempts[0])
    for outcome in WORST_FIRST:
        for test in telling.tests:
            if test.outcome is outcome and "::" in test.nodeid:
                return test.nodeid
    return ""


def _look(attempt: Attempt) -> Look:
    if attempt.signature is None:
        return Look(outcome=attempt.outcome)
    return Look(outcome=attempt.outcome, head=attempt.signature.head, frames=attempt.signature.frames)


def _looks_of_test(attempts: Sequence[Attempt], nodeid: str) -> Iterator[Look]:
    for attempt in attempts:
        yield from (_look_of_test(test) for test in attempt.tests if test.nodeid == nodeid)


def _look_of_test(test: TestResult) -> Look:
    chain = next((chain.frames for chain in test.chains if chain.frames), ())
    outcome = OUTCOMES.get(test.outcome, Outcome.PASS)
    head = message_head(test.message) if outcome is not Outcome.PASS else ""
    return Look(outcome=outcome, head=head, frames=frame_names(useful(chain)) if outcome is Outcome.HANG else ())
