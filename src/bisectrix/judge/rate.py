"""Counts with an honest interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from bisectrix.model.result import Rate
from bisectrix.model.words import Outcome

WORST_FIRST = (Outcome.HANG, Outcome.CRASH, Outcome.FAIL, Outcome.TIMEOUT, Outcome.UNAVAILABLE, Outcome.PASS)


def wilson(bad: int, attempts: int, confidence: float = 0.95) -> Rate:
    """Return the share of bad attempts with its Wilson score interval (Wilson 1927, without correction).

    No attempts say nothing: the interval is all there is, 0 to 1.
    """
    if attempts == 0:
        return Rate(bad=0, attempts=0, low=0.0, high=1.0, confidence=confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = bad / attempts
    stretch = 1 + z * z / attempts
    centre = (share + z * z / (2 * attempts)) / stretch
    half = z / stretch * sqrt(share * (1 - share) / attempts + z * z / (4 * attempts * attempts))
    return Rate(
        bad=bad,
        attempts=attempts,
        low=0.0 if bad == 0 else max(0.0, centre - half),
        high=1.0 if bad == attempts else min(1.0, centre + half),
        confidence=confidence,
    )


def rate_text(rate: Rate, word: str) -> str:
    """`crash 3/100 (1.0\N{EN DASH}8.5 %)`; without the interval when all attempts agree, `hang 3/3`."""
    counts = f"{word} {rate.bad}/{rate.attempts}"
    if rate.bad in {0, rate.attempts}:
        return counts
    return f"{counts} ({100 * rate.low:.1f}\N{EN DASH}{100 * rate.high:.1f} %)"


def counts_text(outcomes: Sequence[Outcome]) -> str:
    """`pass 5/5`, `crash 3/100 (1.0\N{EN DASH}8.5 %)`: what was seen, the worst first, the rest passed."""
    counted = Counter(outcomes)
    seen = [outcome for outcome in WORST_FIRST if counted[outcome]]
    named = seen[:-1] if len(seen) > 1 and seen[-1] is Outcome.PASS else seen
    return ", ".join(rate_text(wilson(counted[outcome], len(outcomes)), outcome) for outcome in named)
