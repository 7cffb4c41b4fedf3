"""What was seen of one program or of one test, and whether it is the declared bug."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from bisectrix.judge.chain import matches
from bisectrix.judge.traceback import Traceback
from bisectrix.model.attempt import Chain
from bisectrix.model.repro import Bug
from bisectrix.model.words import BugKind, Outcome, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One program or one test, in the terms in which bugs are declared.

    Attributes:
        chains: where it waited, of a hang.
        text: what it printed or was reported to say, with the name of the signal or limit that ended it.
        tracebacks: all exceptions in `text`.
        exit_code: None when it did not exit by itself, and for a test.
        is_complete: nothing of the text was cut.
    """

    outcome: Outcome
    chains: tuple[Chain, ...]
    text: str
    tracebacks: tuple[Traceback, ...]
    exit_code: int | None = None
    is_complete: bool = True


def verdict_of(bug: Bug, seen: Sighting) -> Verdict:
    """Hold one sighting against the bug: bad when it was seen, good when all went well, else no evidence."""
    if shows(bug, seen):
        return Verdict.BAD
    if seen.outcome is not Outcome.PASS:
        return Verdict.SKIP
    could_have_missed_it = bug.kind is BugKind.PRINTS and not seen.is_complete
    return Verdict.SKIP if could_have_missed_it else Verdict.GOOD


def shows(bug: Bug, seen: Sighting) -> bool:
    """Say whether the declared bug was seen, and not some other trouble."""
    match bug.kind:
        case BugKind.HANG:
            return _hangs(bug, seen)
        case BugKind.CRASH:
            return seen.outcome is Outcome.CRASH and _says(bug, seen)
        case BugKind.FAIL:
            return seen.outcome is Outcome.FAIL and _exits(bug, seen) and _says(bug, seen) and _stands(bug, seen)
        case BugKind.RAISES:
            return raised(bug, seen) is not None
        case BugKind.PRINTS:
            return bool(bug.pattern) and _says(bug, seen)
        case _:
            assert_never(bug.kind)


def _hangs(bug: Bug, seen: Sighting) -> bool:
    """One bug, two outcomes: with a time limit of its own somewhere, the same hang is a failure that says so."""
    if seen.outcome is Outcome.HANG:
        return not bug.stack or any(matches(bug.stack, chain.frames) for chain in seen.chains)
    return seen.outcome is Outcome.FAIL and bool(bug.pattern) and _says(bug, seen)


def _exits(bug: Bug, seen: Sighting) -> bool:
    return not bug.exit_codes or seen.exit_code in bug.exit_codes


def _says(bug: Bug, seen: Sighting) -> bool:
    return re.search(bug.pattern, seen.text, re.MULTILINE) is not None


def _stands(bug: Bug, seen: Sighting) -> bool:
    return not bug.stack or any(matches(bug.stack, one.frames) for one in seen.tracebacks)


def raised(bug: Bug, seen: Sighting) -> Traceback | None:
    """Return the first exception that a bug of kind `raises` describes; None when there is none.

    An exception that is described counts wherever it was printed; any other must have ended the program.
    """
    is_described = bool(bug.pattern or bug.stack)
    if bug.kind is not BugKind.RAISES or not (is_described or seen.outcome is Outcome.FAIL):
        return None
    fitting = (one for one in seen.tracebacks if re.search(bug.pattern, one.text) and matches(bug.stack, one.frames))
    return next(fitting, None)
