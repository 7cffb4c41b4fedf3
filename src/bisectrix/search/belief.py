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
from operator import mul
from typing import Final, Protocol, TypeAlias, TypeVar

from bisectrix.search.line import Line
from bisectrix.search.rates import NEVER, Logs, Model, Rates, entropy

Counts: TypeAlias = Mapping[int, tuple[int, int]]
"""Bad and good runs by position."""

Columns: TypeAlias = tuple[tuple[float, ...], ...]
"""Of each point of the grid: bad rates, good rates, bad bits, good bits."""

RATES_WORTH: Final = 0.5
"""What a bit about the rates is worth beside one about the edge.

As much, and a bug that shows in .03 of the runs takes 3 % more of them; nothing, and one that shows in .3 or .6 does.
Where the good side may fail as well a bit is a bit: there the rates tell whether anything changes at all.
"""

IMPOSSIBLE: Final = -1e8
"""A log-likelihood below this holds an event that never happens."""

NOTHING: Final = -600.0
"""A logarithm so far below the greatest is the logarithm of nothing."""

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
        bad_bits, good_bits: mean entropy of a run on either side, once the edge is known and as much of the rates as
            `RATES_WORTH` counts, times `mass`.
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
        weights: posterior of each point of the grid.
    """

    line: Line
    grid: tuple[Rates, ...]
    segments: tuple[Segment, ...]
    models: Mapping[Model, float]
    weights: tuple[float, ...]

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

    def together(self, *edges: int) -> list[float]:
        """Return the posterior that one of `edges` holds with each point of the grid."""
        found = [(self.segment_of(edge), edge) for edge in edges]
        parts = [(segment.shares, self._part(edge, segment)) for segment, edge in found]
        return [sum(shares[point] * part for shares, part in parts) for point in range(len(self.grid))]

    def unless_lucky(self, joint: Sequence[float], part: float) -> float:
        """Return what `joint` comes to where the greatest bad rates, `part` of the posterior together, are left out."""
        left, kept = 1 - part, 0.0
        for point in sorted(range(len(self.grid)), key=lambda point: self.grid[point].bad):
            share = min(self.weights[point], left)
            if share > 0:
                kept += joint[point] * share / self.weights[point]
                left -= share
        return kept / (1 - part)

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
    points = [rates.logs for rates in grid]
    good_never_fails = not any(rates.good for rates in grid)
    logs: list[list[float]] = []
    for position in [None, *probed]:
        if position is not None:
            bad, good = counts[position]
            bad_above, good_above = bad_above - bad, good_above - good
            bad_below, good_below = bad_below + bad, good_below + good
        is_impossible = bad_below and good_never_fails
        runs = (bad_above, good_above, bad_below, good_below)
        logs.append([NEVER] * len(grid) if is_impossible else _log_likelihoods(points, *runs))
    peak = max(map(max, logs))
    if peak < IMPOSSIBLE:
        return None
    masses = [line.mass(low + 1, high) for low, high in pairwise(ends)]
    rows = [_weighed(mass, row, peak) for mass, row in zip(masses, logs, strict=True)]
    total = sum(map(sum, rows))
    means = [(rates.bad, rates.good, rates.bad_bits, rates.good_bits) for rates in grid]
    columns = tuple(zip(*means, strict=True))
    worth = RATES_WORTH if good_never_fails else 1.0
    segments = (
        _segment(low + 1, high, row, total, columns, worth)
        for (low, high), row in zip(pairwise(ends), rows, strict=True)
    )
    weights = tuple(sum(column) / total for column in zip(*rows, strict=True))
    return Belief(line=line, grid=grid, segments=tuple(segments), models=by_model(grid, weights), weights=weights)


def by_model(grid: tuple[Rates, ...], shares: Sequence[float]) -> dict[Model, float]:
    """Add up what belongs to each model."""
    weights = dict.fromkeys((rates.model for rates in grid), 0.0)
    for rates, share in zip(grid, shares, strict=True):
        weights[rates.model] += share
    return weights


def _log_likelihoods(
    points: Sequence[Logs], bad_above: int, good_above: int, bad_below: int, good_below: int
) -> list[float]:
    return [
        prior + bad_above * bad + good_above * not_bad + bad_below * good + good_below * not_good
        for prior, bad, not_bad, good, not_good in points
    ]


def _weighed(mass: float, row: list[float], peak: float) -> list[float]:
    """Return the weight of each point of the grid; all nothing where a bad run lies on a side that is never bad."""
    if max(row) < peak + NOTHING:
        return [0.0] * len(row)
    return [mass * exp(value - peak) for value in row]


def _segment(low: int, high: int, row: list[float], total: float, columns: Columns, worth: float) -> Segment:
    mass = sum(row)
    if not mass:
        return Segment(low=low, high=high, mass=0, shares=tuple(row), bad_rate=0, good_rate=0, bad_bits=0, good_bits=0)
    shares = [share / total for share in row]
    bad, good, bad_bits, good_bits = (sum(map(mul, shares, column)) for column in columns)
    part = mass / total
    return Segment(
        low=low,
        high=high,
        mass=part,
        shares=tuple(shares),
        bad_rate=bad / part,
        good_rate=good / part,
        bad_bits=_hidden(part, bad / part, bad_bits, worth),
        good_bits=_hidden(part, good / part, good_bits, worth),
    )


def _hidden(mass: float, rate: float, bits: float, worth: float) -> float:
    """Return the entropy of a run between `bits`, where the rates are known, and that of their mean."""
    return worth * bits + (1 - worth) * mass * entropy(rate)


def _pick(options: Sequence[T], weights: Sequence[float], dice: Dice) -> T:
    steps = list(accumulate(weights))
    return options[min(bisect_right(steps, dice.random() * steps[-1]), len(options) - 1)]
