"""Endings in words: the clause that follows the outcome in a summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bisectrix.judge.chain import matched, owner_text, place, place_text
from bisectrix.judge.traceback import Traceback
from bisectrix.model.attempt import OBJECT, Blocked, Chain, Ending, Exited, Frame, Limited, Overran, Signalled
from bisectrix.model.words import HangGrade, Outcome

LONGEST_QUOTE = 160
MOST_NAMES = 4


def ending_text(
    ending: Ending, chain: Chain | None, stack: Sequence[str], exception: Traceback | None, said: str
) -> str:
    """Return the clause for an ending, empty for one that needs none.

    Args:
        ending: to be put into words.
        chain: where it waited.
        stack: of the declared bug: where it stands is where it waits.
        exception: that ended it.
        said: the last line on standard error, where there is no exception.
    """
    match ending:
        case Exited(code=0):
            return ""
        case Exited(code=code):
            return with_detail(f"exit {code}", exception_text(exception) if exception else said)
        case Signalled(signal=signal):
            return signal
        case Blocked():
            return _blocked_text(ending, chain, stack)
        case Overran(label=label, detail=detail):
            return with_detail(label, detail)
        case Limited(limit=limit, detail=detail):
            return with_detail(f"{limit} limit", detail)
        case _:
            assert_never(ending)


def _blocked_text(ending: Blocked, chain: Chain | None, stack: Sequence[str]) -> str:
    head = f"{ending.grade} after {ending.quiet_s:.1f} s"
    where = waits_text(chain, stack)
    if not where:
        return with_detail(head, ending.claim)
    return f"{head}: {where}" if ending.grade is HangGrade.STALLED else f"{head}: {where}; {quote(ending.claim)}"


def waits_text(chain: Chain | None, stack: Sequence[str]) -> str:
    """`main task waits in wait_for_connection (httpcore/_async/connection_pool.py)`; empty when nobody knows."""
    frame = _waiting_frame(chain.frames, stack) if chain else None
    return f"{owner_text(chain)} waits in {place_text(frame)}" if chain and frame else ""


def _waiting_frame(frames: Sequence[Frame], stack: Sequence[str]) -> Frame | None:
    declared = matched(stack, frames)
    return frames[declared[-1]] if declared else place(frames)


def exception_text(exception: Traceback) -> str:
    """`ValueError: bad (app.py:run)`."""
    frame = place(exception.frames)
    where = f" ({':'.join(filter(None, (frame.file, frame.function)))})" if frame else ""
    return f"{quote(exception.text)}{where}"


def with_detail(head: str, detail: str) -> str:
    """Join a head and what explains it, if anything does."""
    return f"{head}: {quote(detail)}" if detail else head


def quote(text: str) -> str:
    """Return one line of bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 3]}..."


def last_line(text: str) -> str:
    """Return the last line that is not blank."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def leaked_text(leaked: Sequence[str]) -> str:
    """`leaked 1 process: sleep 600`; empty when nothing was left."""
    objects = sum(line.startswith(OBJECT) for line in leaked)
    processes = len(leaked) - objects
    counted = (_count(processes, "process", "processes"), _count(objects, "object", "objects"))
    named = [line.removeprefix(OBJECT) for line in leaked]
    return f"leaked {' and '.join(filter(None, counted))}: {some(named, '; ')}" if leaked else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def some(names: Sequence[str], separator: str = ", ") -> str:
    """Join the first few names and count the rest."""
    rest = len(names) - MOST_NAMES
    shown = separator.join(quote(name) for name in names[:MOST_NAMES])
    return f"{shown} and {rest} more" if rest > 0 else shown


def summary(outcome: Outcome, *clauses: str) -> str:
    """`pass, leaked 1 process: sleep 600`."""
    return ", ".join((outcome, *filter(None, clauses)))
