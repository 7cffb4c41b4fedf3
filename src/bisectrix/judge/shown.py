"""What the record says of an attempt, as far as an expression can look for a face of the bug in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bisectrix.model.attempt import Attempt
from bisectrix.model.words import Verdict


def shows(pattern: str, attempt: Attempt) -> bool:
    """Say whether a regular expression is found in the message, the last line printed, the places or test messages of an attempt."""
    return found_in(pattern, _told(attempt))


def found_in(pattern: str, told: Iterable[str]) -> bool:
    """Say whether a regular expression is found in any line; an empty one is, in nothing, too."""
    return not pattern or any(re.search(pattern, line) for line in told)


def of_this_face(pattern: str, attempt: Attempt) -> Attempt:
    """Return an attempt as one who asks for a single face of the bug sees it: with another face it is good."""
    is_other = attempt.verdict is Verdict.BAD and not shows(pattern, attempt)
    return replace(attempt, verdict=Verdict.GOOD) if is_other else attempt


def _told(attempt: Attempt) -> Iterator[str]:
    yield attempt.summary
    yield attempt.printed
    if attempt.signature:
        yield attempt.signature.head
        yield from attempt.signature.frames
    yield from (f"{frame.file}:{frame.function}" for frame in attempt.chain)
    yield from (test.message for test in attempt.tests)
