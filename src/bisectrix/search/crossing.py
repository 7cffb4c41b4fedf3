"""Is a cross bad or good: one rate against another, both as the search learned them, by Wald's sequential test (1945)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Final

from bisectrix.search.rates import log_or_never
from bisectrix.search.state import Tally

MARGIN: Final = 0.001
"""A learned rate is never quite 0 or 1, but where failures are matched by signature the good one is."""

MOST_TIMES: Final = 4
"""A test that takes so many times its expected runs is given up: the rate lies between the two."""

LARGE: Final = 700.0
"""Exponents beyond this overflow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast:
    """The shares of runs that show the bug on the bad and on the good side of a boundary.

    Attributes:
        confidence: with which a cross must belong to one of the two.
    """

    bad: float
    good: float
    confidence: float

    def is_bad(self, tally: Tally) -> bool | None:
        """Say on which side a cross with these runs belongs, None while that is not certain."""
        bad, good = _log_likelihood(tally, self._bad), _log_likelihood(tally, self.good)
        probability = 1 / (1 + exp(min(good - bad, LARGE)))
        if probability >= self.confidence:
            return True
        return False if probability <= 1 - self.confidence else None

    @property
    def most_runs(self) -> int:
        """After how many runs it will not become certain any more."""
        wanted = log(self.confidence / (1 - self.confidence))
        told = min(_divergence(self._bad, self.good), _divergence(self.good, self._bad))
        return 1 + int(MOST_TIMES * wanted / max(told, MARGIN))

    @property
    def _bad(self) -> float:
        return min(max(self.bad, self.good + MARGIN), 1 - MARGIN)


def _log_likelihood(tally: Tally, rate: float) -> float:
    return tally.bad * log_or_never(rate) + tally.good * log_or_never(1 - rate)


def _divergence(one: float, other: float) -> float:
    """Return what a run of rate `one` tells against rate `other`, on average, nats (Kullback and Leibler)."""
    pairs = ((one, other), (1 - one, 1 - other))
    return sum(share * (log(share) - max(log_or_never(against), -LARGE)) for share, against in pairs if share > 0)
