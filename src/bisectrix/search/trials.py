"""What runs of sets of changes say, flaky or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import exp, log1p, log2
from typing import Final

from bisectrix.search.belief import IMPOSSIBLE
from bisectrix.search.question import Terms, runs_to_see
from bisectrix.search.rates import Rates, rate_grid
from bisectrix.search.state import NOTHING, Observation, Tally
from bisectrix.search.subsets import Changes

CONFIRMING_VERDICTS: Final = 3
"""Verdicts after the last halving: each side again, and a member that is needed."""

LARGE: Final = 700.0
"""Exponents beyond this overflow."""


class Standing(StrEnum):
    """What is known of one set of changes."""

    GOOD = "good"
    BAD = "bad"
    UNRESOLVED = "unresolved"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Trials:
    """All that was recorded of sets of changes, in the order in which they were first recorded."""

    every: Changes
    terms: Terms
    tallies: Mapping[Changes, Tally]

    def tally(self, changes: Changes) -> Tally:
        """Return how often a set was seen how, nothing if it was not run."""
        return self.tallies.get(changes, NOTHING)

    def after(self, changes: Changes, observation: Observation) -> Trials:
        """Return the trials with one more run."""
        tallies = {**self.tallies, changes: self.tally(changes).plus(observation)}
        return Trials(every=self.every, terms=self.terms, tallies=tallies)

    def standing(self, changes: Changes) -> Standing:
        """Return what is known of a set, its outcomes weighed with the rates learned from all of them."""
        tally = self.tally(changes)
        if not tally.evidence:
            given_up = tally.untestable or tally.other >= self.terms.patience
            return Standing.UNRESOLVED if given_up else Standing.OPEN
        bad = self._probability_bad(tally)
        if bad >= 1 - self._tolerated_error:
            return Standing.BAD
        return Standing.GOOD if bad <= self._tolerated_error else Standing.OPEN

    def sets_that_are(self, standing: Standing) -> list[Changes]:
        """Return the recorded sets of one standing."""
        return [changes for changes in self.tallies if self.standing(changes) is standing]

    def runs_to_acquit(self) -> int:
        """Return the good runs of which a bad set, its rate as learned, would show the bug in at least one."""
        return runs_to_see(sum(weight * rates.bad for rates, weight in self._rates), 1 - self._tolerated_error)

    @property
    def is_explained(self) -> bool:
        """Whether any rates allow what was seen; a bug said to be deterministic may turn out not to be."""
        return bool(self._rates)

    @property
    def _tolerated_error(self) -> float:
        """How often one verdict may be wrong for all of a search to be right with the confidence asked for.

        Halving n changes takes about log2(n) verdicts, and a few more confirm what is left.
        """
        verdicts = log2(len(self.every) or 1) + CONFIRMING_VERDICTS
        return (1 - self.terms.confidence) / verdicts

    def _probability_bad(self, tally: Tally) -> float:
        """Return the probability that a set is bad, good or bad as likely before it was run."""
        return sum(weight * _share_bad(tally, rates) for rates, weight in self._rates)

    @cached_property
    def _rates(self) -> list[tuple[Rates, float]]:
        """The rates that are possible with their posterior: all changes together are bad, any other set may be."""
        steady = 1.0 if self.terms.deterministic else self.terms.steady
        logs = {rates: self._log_likelihood(rates) for rates in rate_grid(matched=self.terms.matched, steady=steady)}
        peak = max(logs.values())
        if peak < IMPOSSIBLE:
            return []
        weights = {rates: exp(value - peak) for rates, value in logs.items()}
        total = sum(weights.values())
        return [(rates, weight / total) for rates, weight in weights.items() if weight > 0]

    def _log_likelihood(self, rates: Rates) -> float:
        whole, _ = _log_likelihoods(self.tally(self.every), rates)
        others = (_log_likelihoods(tally, rates) for changes, tally in self.tallies.items() if changes != self.every)
        return rates.logs[0] + whole + sum(max(pair) + log1p(exp(min(pair) - max(pair))) for pair in others)


def _log_likelihoods(tally: Tally, rates: Rates) -> tuple[float, float]:
    """Return the log-likelihood of a tally on the bad and on the good side."""
    _, bad, not_bad, good, not_good = rates.logs
    return tally.bad * bad + tally.good * not_bad, tally.bad * good + tally.good * not_good


def _share_bad(tally: Tally, rates: Rates) -> float:
    bad, good = _log_likelihoods(tally, rates)
    return 1 / (1 + exp(min(good - bad, LARGE)))
