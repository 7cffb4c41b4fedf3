"""What was seen again, held against what is recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bisectrix.judge.rate import counts_text
from bisectrix.model.attempt import Attempt, Signature
from bisectrix.model.words import Verdict

UNLIKELY = 0.01
"""Two counts are of different rates where chance alone would part them so far less often than this."""

MOST_TESTS = 10


class Likeness(StrEnum):
    """How attempts compare with those recorded; the words stand in sentences."""

    SAME = "same outcome, same signature"
    SAME_RATE = "seen again"
    NOT_SEEN = "not seen again"
    OTHER_RATE = "seen at another rate"
    OTHER_SIGNATURE = "same outcome, other signature"
    OTHER_TESTS = "other outcomes of tests"
    OTHER_OUTCOME = "other outcome"

    @property
    def is_same(self) -> bool:
        """Whether it counts as seen again."""
        return self in {Likeness.SAME, Likeness.SAME_RATE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The answer, and the lines that say precisely what differs."""

    likeness: Likeness
    sentence: str
    details: tuple[str, ...] = ()


def compare(recorded: Sequence[Attempt], replayed: Sequence[Attempt]) -> Comparison:
    """Say whether `replayed` shows what `recorded` showed; both have at least one attempt, and portable signatures.

    A record of one outcome must be met by that outcome, with a signature that was seen. One in which some attempts
    show the bug and some do not is met by any of its outcomes, at a rate that chance can make of the recorded one.
    """
    if new := {attempt.outcome for attempt in replayed} - {attempt.outcome for attempt in recorded}:
        return _differs(
            Likeness.OTHER_OUTCOME, recorded, replayed, (attempt for attempt in replayed if attempt.outcome in new)
        )
    if details := tuple(_tests_that_differ(recorded, replayed)):
        return Comparison(likeness=Likeness.OTHER_TESTS, sentence=Likeness.OTHER_TESTS, details=details)
    if _is_flaky(recorded) and (differs := _other_rate(recorded, replayed)):
        return differs
    known = {attempt.signature for attempt in recorded}
    if strange := [attempt for attempt in replayed if attempt.signature not in known]:
        return _differs(Likeness.OTHER_SIGNATURE, recorded, replayed, strange)
    if _is_flaky(recorded):
        return Comparison(likeness=Likeness.SAME_RATE, sentence=f"{Likeness.SAME_RATE}: {_rates(recorded, replayed)}")
    signed = any(attempt.signature for attempt in replayed)
    return Comparison(likeness=Likeness.SAME, sentence=Likeness.SAME if signed else "same outcome")


def same_rate_probability(bad: int, of: int, bad_again: int, of_again: int) -> float:
    """Return how often chance parts two counts of one rate at least so far: Fisher's exact test, two-sided."""
    all_bad, total = bad + bad_again, of + of_again

    def ways(again: int) -> int:
        return math.comb(of_again, again) * math.comb(of, all_bad - again)

    possible = range(max(0, all_bad - of), min(of_again, all_bad) + 1)
    seen = ways(bad_again)
    return sum(count for count in map(ways, possible) if count <= seen) / math.comb(total, all_bad)


def _is_flaky(attempts: Sequence[Attempt]) -> bool:
    return 0 < _bad(attempts) < len(attempts)


def _bad(attempts: Sequence[Attempt]) -> int:
    return sum(attempt.verdict is Verdict.BAD for attempt in attempts)


def _other_rate(recorded: Sequence[Attempt], replayed: Sequence[Attempt]) -> Comparison | None:
    bad, again = _bad(recorded), _bad(replayed)
    counts = _rates(recorded, replayed)
    if same_rate_probability(bad, len(recorded), again, len(replayed)) < UNLIKELY:
        return Comparison(likeness=Likeness.OTHER_RATE, sentence=f"{Likeness.OTHER_RATE}: {counts}")
    if again:
        return None
    good_share = 1 - bad / len(recorded)
    enough = math.ceil(math.log(UNLIKELY) / math.log(good_share))
    chance = f"at the recorded rate, {good_share ** len(replayed):.0%} of such replays do not show it"
    return Comparison(
        likeness=Likeness.NOT_SEEN,
        sentence=f"{Likeness.NOT_SEEN}: {counts}",
        details=(f"{chance}; --times {enough} would show it in {1 - UNLIKELY:.0%}",),
    )


def _rates(recorded: Sequence[Attempt], replayed: Sequence[Attempt]) -> str:
    return f"{_bad(replayed)} of {len(replayed)} show the bug, recorded {_bad(recorded)} of {len(recorded)}"


def _differs(
    likeness: Likeness,
    recorded: Sequence[Attempt],
    replayed: Sequence[Attempt],
    strange: Sequence[Attempt] | Iterator[Attempt],
) -> Comparison:
    words = (
        f"{counts_text([one.outcome for one in replayed])}, recorded {counts_text([one.outcome for one in recorded])}"
    )
    said = dict.fromkeys(f"recorded: {_told(attempt)}" for attempt in recorded)
    said |= dict.fromkeys(f"replayed: {_told(attempt)}" for attempt in strange)
    return Comparison(likeness=likeness, sentence=f"{likeness}: {words}", details=tuple(said))


def _told(attempt: Attempt) -> str:
    return f"{attempt.outcome} {signature_text(attempt.signature)}" if attempt.signature else str(attempt.outcome)


def signature_text(signature: Signature) -> str:
    """Return the head of a signature and how it came there, outermost first."""
    way = " -> ".join(frame.rpartition(":")[2] for frame in signature.frames)
    return f"{signature.head} ({way})" if way else signature.head


def _tests_that_differ(recorded: Sequence[Attempt], replayed: Sequence[Attempt]) -> Iterator[str]:
    """Yield a line for each test that did what it never did in the record, the first few of them."""
    known: dict[str, set[str]] = {}
    for attempt in recorded:
        for test in attempt.tests:
            known.setdefault(test.nodeid, set()).add(test.outcome)
    other = dict.fromkeys(
        f"{test.nodeid}: {test.outcome}, recorded {' or '.join(sorted(known.get(test.nodeid, {'nothing'})))}"
        for attempt in replayed
        for test in attempt.tests
        if test.outcome not in known.get(test.nodeid, ())
    )
    yield from list(other)[:MOST_TESTS]
    if len(other) > MOST_TESTS:
        yield f"and {len(other) - MOST_TESTS} more"
