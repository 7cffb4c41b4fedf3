"""Which changes to take back next: the greatest expected reduction that is likely to resolve.

Delta debugging after Zeller and Hildebrandt (2002) with the probabilistic choice of ProbDD (Wang and others, FSE 2021):
each change has a probability to be needed, runs that turn good raise it, and the subset to take back is the one that
promises to remove most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final, TypeAlias

Changes: TypeAlias = frozenset[int]

EXPECTED_CULPRITS: Final = 1.5
"""Changes that are expected to be needed together."""

MOST_PROBABLE: Final = 0.5
"""No change starts out more likely needed than not."""

SPLIT_PARTNERS: Final = 0.3
"""Chance that a subset resolves which parts one pair of changes suspected to go together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Partners:
    """What subsets that did not resolve tell: (kept, taken back) pairs that may not be parted.

    Attributes:
        parted: the pairs parted by each such subset, less those that some other subset parted and yet resolved.
    """

    parted: tuple[frozenset[tuple[int, int]], ...]

    def chance(self, kept: Changes, taken_back: Changes) -> float:
        """Return the chance that a subset resolves."""
        risks = sum(any(one in kept and other in taken_back for one, other in pairs) for pairs in self.parted)
        return SPLIT_PARTNERS**risks


def learn_partners(every: Changes, unresolved: Iterable[Changes], resolved: Collection[Changes]) -> Partners:
    """Return which changes are suspected to need each other."""
    cleared = {pair for kept in resolved for pair in product(kept, every - kept)}
    return Partners(parted=tuple(frozenset(product(kept, every - kept)) - cleared for kept in unresolved))


def needed_probabilities(current: Changes, good: Iterable[Changes]) -> dict[int, float]:
    """Return for each change of a bad set the probability that it is needed.

    Args:
        current: the smallest set known to be bad.
        good: sets known to be good, in the order in which that was learned.
    """
    start = min(MOST_PROBABLE, EXPECTED_CULPRITS / (len(current) or 1))
    needed = dict.fromkeys(sorted(current), start)
    for kept in good:
        taken_back = current - kept
        some_needed = 1 - prod(1 - needed[change] for change in taken_back)
        if taken_back and some_needed > 0:
            needed.update({change: min(1.0, needed[change] / some_needed) for change in taken_back})
    return needed


def reductions(current: Changes, needed: dict[int, float], partners: Partners) -> list[Changes]:
    """Return the proper subsets of a bad set that are worth a run, best first."""
    ranked = sorted(
        {(-_worth(current, taken_back, needed, partners), *sorted(taken_back)) for taken_back in _runs_of(needed)}
    )
    return [current - set(taken_back) for _, *taken_back in ranked]


def _runs_of(needed: dict[int, float]) -> Iterator[Changes]:
    """Yield every cyclic run of the changes, least needed first."""
    ordered = sorted(needed, key=lambda change: (needed[change], change))
    for first in range(len(ordered)):
        turned = ordered[first:] + ordered[:first]
        yield from (frozenset(turned[:length]) for length in range(1, len(turned)))


def _worth(current: Changes, taken_back: Changes, needed: dict[int, float], partners: Partners) -> float:
    """Return how many changes a run is expected to remove."""
    removed = len(taken_back) * prod(1 - needed[change] for change in taken_back)
    return removed * partners.chance(current - taken_back, taken_back)
