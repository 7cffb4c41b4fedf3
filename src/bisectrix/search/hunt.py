"""The search for any bad value, where nobody declared one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

from bisectrix.search.question import Terms
from bisectrix.search.state import State

WORTH_SPLITTING: Final = 2
"""Neighbouring indices differ by less than this and leave nothing between them."""


def gallop(start: int, size: int) -> tuple[int, ...]:
    """Return where to look first: at the start, at both ends, then ever farther from the start."""
    return tuple(dict.fromkeys(_gallop(start, size)))


def _gallop(start: int, size: int) -> Iterator[int]:
    yield from (start, size - 1, 0)
    step = 1
    while step < size:
        yield from (value for value in (start - step, start + step) if 0 <= value < size)
        step *= 2


def to_hunt(start: int, size: int, state: State, terms: Terms, pending: Collection[int]) -> list[int]:
    """Return the values to run next while no bad one is known, none if enough were good."""
    untestable = state.untestable(terms.patience)
    visited = list(gallop(start, size))
    extra = [value for value in state.tallies if value not in visited]
    visited += extra + _middles({*visited, *extra, *pending}, size, terms.hunt_values - len(extra))
    return [
        value
        for value in visited
        if value not in pending and value not in untestable and state.tally(value).evidence < terms.hunt_runs
    ]


def _middles(known: set[int], size: int, count: int) -> list[int]:
    """Return the middles of the widest gaps between known values, each taken as known for the next."""
    middles: list[int] = []
    while len(middles) < count:
        lower, upper = max(pairwise(sorted({*known, *middles, -1, size})), key=lambda gap: gap[1] - gap[0])
        if upper - lower < WORTH_SPLITTING:
            break
        middles.append((lower + upper) // 2)
    return middles
