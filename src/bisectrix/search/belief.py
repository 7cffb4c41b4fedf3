"""The exact posterior of the edge and of both failure rates.

Noisy binary search after Burnashev and Zigangirov (1974) and Ben-Or and Hassidim (2008), with rates that are learned.
The posterior depends on nothing but how often each position was seen good and bad, and edges between the same two
probed positions share one likelihood. So it is computed per segment, from the counts, whatever their order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import exp
from typing import Final, Protocol, TypeAlias, TypeVar

from bisectrix.search.line import Line
from bisectrix.search.rates import Model, Rates

Counts: TypeAlias = Mapping[int, tuple[int, int]]
"""Bad and good runs by position."""

IMPOSSIBLE: Final = -1e8
"""A log-likelihood below this holds an event that never happens."""

T = TypeVar("T")


class Dice(Protocol):
    """Where randomness comes from: a seeded `random.Random`."""

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """Edges that the observations cannot tell apart, from `low` to `high`, both included.

    Attributes:
        mass: posterior of the segment.
        shares: posterior of the segment with each point of the grid, all together `mass`.
        bad_rate: mean failure rate of the bad side, should the edge be here.
        good_rate: the same for the good side.
        bad_bits, good_bits: mean entropy of a run on either side, once edge and rates are known, times `mass`.
    """

    low: int
    high: int
    mass: float
    shares: tuple[float, ...]
    bad_rate: float
    good_rate: float
    bad_bits: float
    good_bits: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """One way the world may be, drawn from a belief."""

    edge: int
    rates: Rates

    def is_bad(self, position: int, dice: Dice) -> bool:
        """Say whether a run at `position` shows the bug."""
        rate = self.rates.bad if position >= self.edge else self.rates.good
        return dice.random() < rate


@dataclass(frozen=True, kw_only=True, slots=True)
class Belief:
    """What is believed after some observations; segments are in order and leave no edge out.

    Attributes:
        models: posterior of each model.
    """

    line: Line
    grid: tuple[Rates, ...]
    segments: tuple[Segment, ...]
    models: Mapping[Model, float]

    def segment_of(self, edge: int) -> Segment:
        """Return the segment that holds `edge`."""
        return self.segments[bisect_right(self.segments, edge, key=lambda segment: segment.low) - 1]

    def probability(self, edge: int) -> float:
        """Return the posterior of one edge under the mixture of all models."""
        segment = self.segment_of(edge)
        return segment.mass * self._part(edge, segment)

    def best(self) -> int:
        """Return the likeliest edge of the likeliest segment."""
        heaviest = max(self.segments, key=lambda segment: segment.mass)
        return max(range(heaviest.low, heaviest.high + 1), key=self.line.prior.__getitem__)

    def under_each_model(self, edge: int) -> dict[Model, float]:
        """Return the posterior of `edge` should that model hold, for the models that may."""
        segment = self.segment_of(edge)
        here = _by_model(self.grid, segment.shares)
        part = self._part(edge, segment)
        return {model: here[model] * part / weight for model, weight in self.models.items() if weight > 0}

    def draw(self, dice: Dice) -> Truth:
        """Draw an edge and rates with the probability they are believed with."""
        segment = _pick(self.segments, [segment.mass for segment in self.segments], dice)
        edges = range(segment.low, segment.high + 1)
        edge = _pick(edges, self.line.prior[segment.low : segment.high + 1], dice)
        return Truth(edge=edge, rates=_pick(self.grid, segment.shares, dice))

    def _part(self, edge: int, segment: Segment) -> float:
        whole = self.line.mass(segment.low, segment.high)
        return self.line.prior[edge] / whole if whole > 0 else 0.0


def believe(line: Line, counts: Counts, grid: tuple[Rates, ...]) -> Belief | None:
    """Return the posterior, or None where no edge with any rates explains the counts.

    That happens to a deterministic model alone: a good run was seen above a bad one.
    """
    probed = sorted(counts)
    ends = [-1, *probed, len(line.values)]
    bad_above, good_above = (sum(runs) for runs in zip(line.bad_elsewhere, *counts.values(), strict=True))
    bad_below = good_below = 0
    logs: list[list[float]] = []
    for position in [None, *probed]:
        if position is not None:
            bad, good = counts[position]
            bad_above, good_above = bad_above - bad, good_above - good
            bad_below, good_below = bad_below + bad, good_below + good
        logs.append(_log_likelihoods(grid, bad_above, good_above, bad_below, good_below))
    peak = max(map(max, logs))
    if peak < IMPOSSIBLE:
        return None
    masses = [line.mass(low + 1, high) for low, high in pairwise(ends)]
    rows = [[mass * exp(value - peak) for value in row] for mass, row in zip(masses, logs, strict=True)]
    total = sum(map(sum, rows))
    segments = (
        _segment(low + 1, high, row, total, grid) for (low, high), row in zip(pairwise(ends), rows, strict=True)
    )
    models = _by_model(grid, [sum(column) / total for column in zip(*rows, strict=True)])
    return Belief(line=line, grid=grid, segments=tuple(segments), models=models)


def _by_model(grid: tuple[Rates, ...], shares: Sequence[float]) -> dict[Model, float]:
    weights = dict.fromkeys((rates.model for rates in grid), 0.0)
    for rates, share in zip(grid, shares, strict=True):
        weights[rates.model] += share
    return weights


def _log_likelihoods(
    grid: tuple[Rates, ...], bad_above: int, good_above: int, bad_below: int, good_below: int
) -> list[float]:
    return [
        prior + bad_above * bad + good_above * not_bad + bad_below * good + good_below * not_good
        for prior, bad, not_bad, good, not_good in (rates.logs for rates in grid)
    ]


def _segment(low: int, high: int, row: list[float], total: float, grid: tuple[Rates, ...]) -> Segment:
    mass = sum(row)
    if not mass:
        return Segment(low=low, high=high, mass=0, shares=tuple(row), bad_rate=0, good_rate=0, bad_bits=0, good_bits=0)
    return Segment(
        low=low,
        high=high,
        mass=mass / total,
        shares=tuple(share / total for share in row),
        bad_rate=sum(share * rates.bad for share, rates in zip(row, grid, strict=True)) / mass,
        good_rate=sum(share * rates.good for share, rates in zip(row, grid, strict=True)) / mass,
        bad_bits=sum(share * rates.bad_bits for share, rates in zip(row, grid, strict=True)) / total,
        good_bits=sum(share * rates.good_bits for share, rates in zip(row, grid, strict=True)) / total,
    )


def _pick(options: Sequence[T], weights: Sequence[float], dice: Dice) -> T:
    steps = list(accumulate(weights))
    return options[min(bisect_right(steps, dice.random() * steps[-1]), len(options) - 1)]
