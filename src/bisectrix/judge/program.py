"""An attempt of an ordinary program."""

from __future__ import annotations

import re
from typing import assert_never

from bisectrix.judge.chain import telling_chain, useful
from bisectrix.judge.judged import Judged
from bisectrix.judge.outcome import outcome_of
from bisectrix.judge.sighting import Sighting, raised, verdict_of
from bisectrix.judge.signature import exception_signature, message_signature, place_signature
from bisectrix.judge.traceback import Traceback, last_traceback, tracebacks
from bisectrix.judge.wording import ending_text, exception_text, last_line, leaked_text, quote, summary
from bisectrix.model.attempt import Blocked, Chain, Ending, Execution, Exited, Limited, Overran, Signalled, Signature
from bisectrix.model.repro import Bug
from bisectrix.model.words import Outcome, Verdict


def judge_program(bug: Bug, execution: Execution) -> Judged:
    """Judge a program by its ending, its output and where it waited."""
    outcome = outcome_of(bug, execution.ending)
    seen = _sighting(outcome, execution)
    verdict = verdict_of(bug, seen)
    if outcome is Outcome.PASS and verdict is Verdict.BAD:
        return _judge_output(bug, seen, execution)
    chain = telling_chain(execution.chains, bug.stack)
    exception = raised(bug, seen) or _last_exception(execution)
    said = last_line(execution.stderr.text)
    clause = ending_text(execution.ending, chain, bug.stack, exception, said)
    signature = None if outcome is Outcome.PASS else _signature(outcome, execution.ending, chain, exception, said)
    frames = chain.frames if chain else exception.frames if exception and signature else ()
    return Judged(
        outcome=outcome,
        verdict=verdict,
        summary=summary(outcome, clause, leaked_text(execution.leaked)),
        signature=signature,
        chain=useful(frames, bug.stack),
        printed=_printed(execution),
    )


def _judge_output(bug: Bug, seen: Sighting, execution: Execution) -> Judged:
    """Judge a program that ended well and yet showed the bug, in what it printed."""
    exception = raised(bug, seen)
    line = _line_with(bug.pattern, seen.text)
    return Judged(
        outcome=seen.outcome,
        verdict=Verdict.BAD,
        summary=summary(
            seen.outcome,
            f"raised {exception_text(exception)}" if exception else f"printed {quote(line)}",
            leaked_text(execution.leaked),
        ),
        signature=(
            exception_signature(seen.outcome, exception) if exception else message_signature(seen.outcome, line)
        ),
        chain=useful(exception.frames, bug.stack) if exception else (),
        printed=_printed(execution),
    )


def _sighting(outcome: Outcome, execution: Execution) -> Sighting:
    output = (execution.stdout, execution.stderr)
    return Sighting(
        outcome=outcome,
        chains=execution.chains,
        text="\n".join((*(stream.text for stream in output), _head(execution.ending))),
        tracebacks=tuple(one for stream in output for one in tracebacks(stream.text)),
        exit_code=execution.ending.code if isinstance(execution.ending, Exited) else None,
        is_complete=not any(stream.truncated for stream in output),
    )


def _printed(execution: Execution) -> str:
    return quote(last_line(execution.stdout.text))


def _last_exception(execution: Execution) -> Traceback | None:
    return last_traceback(execution.stderr.text) or last_traceback(execution.stdout.text)


def _line_with(pattern: str, text: str) -> str:
    return next((line for line in text.splitlines() if re.search(pattern, line)), pattern)


def _signature(
    outcome: Outcome, ending: Ending, chain: Chain | None, exception: Traceback | None, said: str
) -> Signature:
    if outcome is Outcome.HANG and chain:
        return place_signature(chain)
    if not isinstance(ending, Exited):
        return message_signature(outcome, _head(ending))
    if exception:
        return exception_signature(outcome, exception)
    return message_signature(outcome, f"exit {ending.code}: {said}" if said else f"exit {ending.code}")


def _head(ending: Ending) -> str:
    """Name an ending without its circumstances; an exit has no name."""
    match ending:
        case Exited():
            return ""
        case Signalled(signal=signal):
            return signal
        case Blocked(reason=reason):
            return reason
        case Overran(label=label):
            return label
        case Limited(limit=limit):
            return f"{limit} limit"
        case _:
            assert_never(ending)
