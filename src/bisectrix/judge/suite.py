"""An attempt of a pytest repro: what its tests did, and what happened outside of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bisectrix.judge.chain import telling_chain, useful
from bisectrix.judge.judged import Judged
from bisectrix.judge.outcome import is_broken_file, outcome_of, outcome_of_test
from bisectrix.judge.sighting import Sighting, shows, verdict_of
from bisectrix.judge.signature import frame_names, message_head
from bisectrix.judge.traceback import Traceback
from bisectrix.judge.wording import ending_text, leaked_text, some, with_detail
from bisectrix.model.attempt import Execution, Exited, Frame, Signature, TestResult
from bisectrix.model.repro import Bug
from bisectrix.model.words import BugKind, Outcome, Verdict

WORST_FIRST = (Outcome.HANG, Outcome.CRASH, Outcome.FAIL, Outcome.TIMEOUT, Outcome.UNAVAILABLE, Outcome.PASS)

TESTS_FAILED = 1
NOTHING_COLLECTED = 5
"""Exit codes of pytest; those between mean that pytest itself did not work: interrupted, internal error, usage."""

MESSAGE = re.compile(r"(?P<text>.*?)(?: \((?P<file>[^()\s]+):(?P<line>\d+)\))?", re.DOTALL)
EXCEPTION = re.compile(r"(?P<type>[^\W\d][\w.]*)(?:: (?P<message>.*))?", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One thing of a suite that ended somehow: a test, or what was outside of them.

    Attributes:
        name: the test's id; `outside the tests`, `collection`.
        detail: what is known of how it ended.
    """

    name: str
    outcome: Outcome
    verdict: Verdict
    detail: str
    frames: tuple[Frame, ...] = ()


def judge_suite(bug: Bug, execution: Execution) -> Judged:
    """Judge a suite by the tests that the bug names, all of them when it names none.

    Bad when one of them shows the bug; else no evidence when one failed otherwise or none ran; else good.
    """
    chosen = [test for test in execution.tests if _is_meant(bug, test)]
    parts = [part for test in chosen if (part := _part(bug, test, execution))]
    parts += _outside(bug, execution, chosen)
    outcome = next((word for word in WORST_FIRST if any(part.outcome is word for part in parts)), None)
    worst = [part for part in parts if part.outcome is outcome and outcome is not Outcome.PASS]
    return Judged(
        outcome=outcome or outcome_of(bug, execution.ending),
        verdict=_verdict(bug, parts, execution),
        summary=_summary(outcome or outcome_of(bug, execution.ending), parts, chosen, execution),
        signature=_signature(worst),
        chain=worst[0].frames if worst else (),
    )


def _is_meant(bug: Bug, test: TestResult) -> bool:
    name = test.nodeid.rpartition("::")[2].partition("[")[0]
    known_as = {test.nodeid, test.nodeid.partition("::")[2], name}
    return not bug.tests or any(
        pattern in known_as or any(fnmatchcase(each, pattern) for each in known_as) for pattern in bug.tests
    )


def _part(bug: Bug, test: TestResult, execution: Execution) -> Part | None:
    outcome = outcome_of_test(bug, test)
    if outcome is None:
        return None
    exception = _exception(test.message) if outcome is Outcome.FAIL else None
    seen = Sighting(
        outcome=outcome,
        chains=test.chains,
        text=test.message,
        tracebacks=(exception,) if exception else (),
        exit_code=execution.ending.code if isinstance(execution.ending, Exited) else None,
    )
    chain = telling_chain(test.chains, bug.stack)
    frames = useful(chain.frames, bug.stack) if chain else ()
    return Part(name=test.nodeid, outcome=outcome, verdict=verdict_of(bug, seen), detail=test.message, frames=frames)


def _exception(message: str) -> Traceback | None:
    """Read `ValueError: bad (test_app.py:12)`, the form in which a failed test is told."""
    told = MESSAGE.fullmatch(message)
    exception = EXCEPTION.fullmatch(told["text"]) if told else None
    if told is None or exception is None:
        return None
    frames = (Frame(file=told["file"], function="", line=int(told["line"])),) if told["file"] else ()
    return Traceback(type=exception["type"], message=exception["message"] or "", frames=frames)


def _outside(bug: Bug, execution: Execution, chosen: Sequence[TestResult]) -> list[Part]:
    """Return what happened to pytest itself, unless one of its tests accounts for it or the bug names its tests."""
    broken = [test for test in execution.tests if is_broken_file(test)]
    if broken and not (bug.tests and chosen):
        told = "; ".join(with_detail(test.nodeid, test.message) for test in broken)
        return [Part(name="collection", outcome=_of_no_test(bug, chosen), verdict=Verdict.SKIP, detail=told)]
    if bug.tests:
        return []
    match execution.ending:
        case Exited(code=code):
            return _pytest_failed(bug, code, chosen)
        case ending:
            outcome = outcome_of(bug, ending)
            if any(outcome_of_test(bug, test) is outcome for test in chosen):
                return []
            return [_outside_part(bug, outcome, execution)]


def _of_no_test(bug: Bug, chosen: Sequence[TestResult]) -> Outcome:
    """Return what a suite is that pytest itself could not run: unavailable, unless some of its tests did run."""
    ran = any(outcome_of_test(bug, test) for test in chosen)
    return Outcome.FAIL if ran else Outcome.UNAVAILABLE


def _pytest_failed(bug: Bug, code: int, chosen: Sequence[TestResult]) -> list[Part]:
    if code <= TESTS_FAILED or (code == NOTHING_COLLECTED and chosen):
        return []
    return [Part(name="pytest itself", outcome=_of_no_test(bug, chosen), verdict=Verdict.SKIP, detail=f"exit {code}")]


def _outside_part(bug: Bug, outcome: Outcome, execution: Execution) -> Part:
    chain = telling_chain(execution.chains, bug.stack)
    detail = ending_text(execution.ending, chain, bug.stack, None, "")
    seen = Sighting(outcome=outcome, chains=execution.chains, text=detail, tracebacks=())
    frames = useful(chain.frames, bug.stack) if chain else ()
    return Part(name="outside the tests", outcome=outcome, verdict=verdict_of(bug, seen), detail=detail, frames=frames)


def _verdict(bug: Bug, parts: Sequence[Part], execution: Execution) -> Verdict:
    verdicts = {part.verdict for part in parts}
    if Verdict.BAD in verdicts or _prints(bug, execution):
        return Verdict.BAD
    if Verdict.SKIP in verdicts or not verdicts:
        return Verdict.SKIP
    cut = bug.kind is BugKind.PRINTS and (execution.stdout.truncated or execution.stderr.truncated)
    return Verdict.SKIP if cut else Verdict.GOOD


def _prints(bug: Bug, execution: Execution) -> bool:
    text = f"{execution.stdout.text}\n{execution.stderr.text}"
    said = Sighting(outcome=Outcome.PASS, chains=(), text=text, tracebacks=())
    return bug.kind is BugKind.PRINTS and shows(bug, said)


def _signature(worst: Sequence[Part]) -> Signature | None:
    if not worst:
        return None
    named = sorted((message_head(f"{part.name}: {_varying_less(part)}"), frame_names(part.frames)) for part in worst)
    return Signature(kind=worst[0].outcome, head="; ".join(head for head, _ in named), frames=named[0][1])


def _varying_less(part: Part) -> str:
    """Return where a part waits rather than what is said of it, which tells how long and with how many threads."""
    return frame_names(part.frames)[-1] if part.frames else part.detail


def _summary(outcome: Outcome, parts: Sequence[Part], chosen: Sequence[TestResult], execution: Execution) -> str:
    failures = [_group(word, parts, len(chosen)) for word in WORST_FIRST if word is not Outcome.PASS]
    told = "; ".join(filter(None, failures)) or f"{outcome}, {_ran(parts, chosen)}"
    return ", ".join(filter(None, (told, leaked_text(execution.leaked))))


def _group(outcome: Outcome, parts: Sequence[Part], total: int) -> str:
    """`hang, 2 of 8 tests: test_a, test_b`; of a single one with what is known of it; empty for none."""
    mine = [part for part in parts if part.outcome is outcome]
    tests = [part for part in mine if "::" in part.name]
    outside = [with_detail(part.name, part.detail) for part in mine if part not in tests]
    names = [part.name.partition("::")[2] for part in tests]
    told = with_detail(names[0], tests[0].detail) if len(tests) == 1 else some(names)
    inside = [f"{len(tests)} of {total} tests: {told}"] if tests else []
    return ", ".join((outcome, *inside, *outside)) if mine else ""


def _ran(parts: Sequence[Part], chosen: Sequence[TestResult]) -> str:
    if not parts:
        return f"none of {len(chosen)} tests ran" if chosen else "no tests"
    idle = len(chosen) - len(parts)
    ran = "1 test" if len(parts) == 1 else f"{len(parts)} tests"
    return f"{ran}, {idle} skipped" if idle else ran
