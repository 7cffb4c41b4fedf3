"""How an attempt ended, in the word that a person uses for it.

The table:

    exited 0                                  pass
    exited n > 0                              fail
    died by a signal                          crash
    memory or process limit                   crash: without the bound the machine would have killed it
    output or disk limit                      fail: it ran on and had to be stopped
    CPU limit                                 timeout: a clock of ours, like the deadline
    blocked: proved, assumed or stalled       hang
    the deadline passed                       timeout, or hang where the bug accepts what it was doing then
"""

from __future__ import annotations

from typing import assert_never

from bisectrix.model.attempt import Blocked, Ending, Exited, Limited, Overran, Signalled, TestResult
from bisectrix.model.repro import Bug
from bisectrix.model.words import LimitKind, Outcome, TestOutcome


def outcome_of(bug: Bug, ending: Ending) -> Outcome:
    """Return the word for an ending; `bug` says which overruns it accepts as its hang."""
    match ending:
        case Exited(code=code):
            return Outcome.FAIL if code else Outcome.PASS
        case Signalled():
            return Outcome.CRASH
        case Blocked():
            return Outcome.HANG
        case Overran(label=label):
            return Outcome.HANG if label in bug.accept else Outcome.TIMEOUT
        case Limited(limit=limit):
            return _outcome_of_limit(limit)
        case _:
            assert_never(ending)


def _outcome_of_limit(limit: LimitKind) -> Outcome:
    match limit:
        case LimitKind.MEMORY | LimitKind.PROCESSES:
            return Outcome.CRASH
        case LimitKind.OUTPUT | LimitKind.DISK:
            return Outcome.FAIL
        case LimitKind.CPU:
            return Outcome.TIMEOUT
        case _:
            assert_never(limit)


DIRECT = {
    TestOutcome.PASS: Outcome.PASS,
    TestOutcome.XFAIL: Outcome.PASS,
    TestOutcome.XPASS: Outcome.PASS,
    TestOutcome.FAIL: Outcome.FAIL,
    TestOutcome.CRASH: Outcome.CRASH,
    TestOutcome.HANG: Outcome.HANG,
}


def outcome_of_test(bug: Bug, test: TestResult) -> Outcome | None:
    """Return the word for a test; None when it did not run and so says nothing: skipped, blocked, not collected."""
    match test.outcome:
        case TestOutcome.SKIP | TestOutcome.BLOCKED:
            return None
        case TestOutcome.ERROR:
            return None if is_broken_file(test) else Outcome.FAIL
        case TestOutcome.TIMEOUT:
            accepted = any(f"({label}:" in test.message for label in bug.accept)
            return Outcome.HANG if accepted else Outcome.TIMEOUT
        case direct:
            return DIRECT[direct]


def is_broken_file(test: TestResult) -> bool:
    """Say whether this is no test but a file that could not be collected."""
    return test.outcome is TestOutcome.ERROR and "::" not in test.nodeid
