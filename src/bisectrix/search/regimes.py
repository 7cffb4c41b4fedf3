"""Whether what was seen needs more than one change.

Going down from a bad end, values are bad, then good, then bad again, and so on. Each number of changes gets the sum of
the likelihoods of all places where they may lie, weighed by the widths of the gaps between probed positions: a forward
pass over a hidden chain whose state is the number of changes so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from math import exp, inf, log
from typing import Final

from bisectrix.search.belief import Counts
from bisectrix.search.rates import NEVER, Rates, log_or_never

CHANGES: Final = (0.05, 0.93, 0.01, 0.008, 0.002)
"""Prior of no change, of one, and of more of them."""

PLACES: Final = (1, 1, 2, 6, 24)
"""Orders in which so many changes can be named; the places of k of them are uniform over the ordered choices."""


def more_than_one_change(counts: Counts, size: int, grid: tuple[Rates, ...]) -> float:
    """Return the probability of two changes or more, given that the topmost position is bad."""
    if not _is_contradicted(counts):
        return 0.0
    gaps = _gaps(counts, size)
    few = many = 0.0
    for rates, evidence, best in _weighed(counts, grid):
        weights = _forward(evidence, gaps)
        joint = [prior * places * weight for prior, places, weight in zip(CHANGES, PLACES, weights, strict=True)]
        scale = rates.prior * exp(best)
        few += scale * sum(joint[:2])
        many += scale * sum(joint[2:])
    return many / (few + many) if few + many > 0 else 0.0


def likeliest_regimes(counts: Counts, size: int, grid: tuple[Rates, ...]) -> tuple[tuple[bool, tuple[int, ...]], ...]:
    """Return the regimes of the best explanation with several changes, from the top down.

    Each is whether it is bad, and the probed positions in it.
    """
    gaps = _gaps(counts, size)
    paths = (_likeliest_path(rates, evidence, best, gaps) for rates, evidence, best in _weighed(counts, grid))
    _, changes = max(paths)
    marked = zip(changes, sorted(counts, reverse=True), strict=True)
    return tuple(
        (number % 2 == 0, tuple(position for _, position in members))
        for number, members in groupby(marked, key=lambda pair: pair[0])
    )


def _is_contradicted(counts: Counts) -> bool:
    """Say whether a position that was never bad lies above one that was."""
    lowest_bad = min((position for position, (bad, _) in counts.items() if bad), default=inf)
    return any(position > lowest_bad and not bad for position, (bad, _) in counts.items())


def _gaps(counts: Counts, size: int) -> list[float]:
    """Return the share of the line below each probed position, down to the next one, from the top down."""
    return [(upper - lower) / size for upper, lower in pairwise([*sorted(counts, reverse=True), -1])]


def _weighed(counts: Counts, grid: tuple[Rates, ...]) -> Iterator[tuple[Rates, list[tuple[float, float]], float]]:
    """Yield for each point of the grid the likelihoods of each position, bad and good, and their common log scale."""
    seen = [counts[position] for position in sorted(counts, reverse=True)]
    times = Counter(seen)
    tables = [{pair: _log_likelihoods(*pair, rates) for pair in times} for rates in grid]
    bests = [sum(number * max(table[pair]) for pair, number in times.items()) for table in tables]
    for rates, table, best in zip(grid, tables, bests, strict=True):
        scaled = {pair: _scaled(*logs) for pair, logs in table.items()}
        yield rates, [scaled[pair] for pair in seen], best - max(bests)


def _log_likelihoods(times_bad: int, times_good: int, rates: Rates) -> tuple[float, float]:
    _, bad, not_bad, good, not_good = rates.logs
    return times_bad * bad + times_good * not_bad, times_bad * good + times_good * not_good


def _scaled(bad: float, good: float) -> tuple[float, float]:
    """Return two likelihoods from their logarithms, the greater one as 1."""
    return (1.0, exp(good - bad)) if bad > good else (exp(bad - good), 1.0)


def _forward(evidence: Sequence[tuple[float, float]], gaps: Sequence[float]) -> tuple[float, ...]:
    """Return the likelihood of each number of changes, from none to four; written out, for it is most of a search."""
    none, one, two, three, four = 1.0, 0.0, 0.0, 0.0, 0.0
    for (bad, good), gap in zip(evidence, gaps, strict=True):
        four = four * bad + gap * three * good
        three = three * good + gap * two * bad
        two = two * bad + gap * one * good
        one = one * good + gap * none * bad
        none *= bad
    return none, one, two, three, four


def _likeliest_path(
    rates: Rates, evidence: Sequence[tuple[float, float]], best: float, gaps: Sequence[float]
) -> tuple[float, tuple[int, ...]]:
    """Return the log weight of the best path with several changes, and the number of changes above each position."""
    paths: list[tuple[float, tuple[int, ...]]] = [(0.0, ()), *((NEVER, ()) for _ in CHANGES[1:])]
    for likelihoods, gap in zip(evidence, [1.0, *gaps], strict=False):
        moved = [(NEVER, ()), *((weight + log(gap), path) for weight, path in paths[:-1])]
        paths = [
            (weight + log_or_never(likelihoods[number % 2]), (*path, number))
            for number, (weight, path) in enumerate(map(max, paths, moved))
        ]
    several = [(log(CHANGES[number] * PLACES[number]) + paths[number][0], paths[number][1]) for number in (2, 3, 4)]
    weight, path = max(several)
    return weight + best + log(rates.prior), path
