"""About how long a search will still take: what is not known yet, by what a run tells."""

from __future__ import annotations

from math import log2
from typing import Final

from bisectrix.search.answers import Credible
from bisectrix.search.choice import candidates, gains
from bisectrix.search.hunt import to_hunt
from bisectrix.search.outlook import Outlook
from bisectrix.search.question import Anywhere
from bisectrix.search.side import Side
from bisectrix.search.state import Observation

LEAST_BITS: Final = 0.005
"""A run of the rarest bug on the grid tells about so much."""


def seconds_left(outlook: Outlook) -> float:
    """Return about how many seconds the runs will take that are still to come, one after another."""
    state, terms = outlook.state, outlook.terms
    good_s, bad_s = state.mean_s(Observation.GOOD, terms.good_s), state.mean_s(Observation.BAD, terms.bad_s)
    return runs_left(outlook) * (state.mean_build_s(terms.build_s) + (good_s + bad_s) / 2)


def runs_left(outlook: Outlook) -> float:
    """Return about how many runs are still to come."""
    task = outlook.question.task
    if not outlook.sides and isinstance(task, Anywhere):
        return len(to_hunt(task.start, outlook.question.size, outlook.state, outlook.terms, ()))
    affordable = outlook.terms.max_runs - outlook.state.runs
    return min(affordable, sum(_runs_left(side) for side in outlook.sides if side.finding() is None))


def _runs_left(side: Side) -> float:
    """Return the bits that the edge lacks by what the best run tells, and the runs that verify it."""
    wishes = len(side.wishes())
    if side.belief is None:
        return wishes
    best = max(gain.bits for gain in gains(side.belief, candidates(side.belief)))
    verifying = side.terms.runs_to_see(max(side.belief.segment_of(side.belief.best()).bad_rate, side.terms.rarest))
    return max(wishes, _bits(side) / max(best, LEAST_BITS) + verifying)


def _bits(side: Side) -> float:
    return sum(-share * log2(share) for share in side.by_value().values() if share > 0)


def smallest_sets(outlook: Outlook) -> tuple[Credible, ...]:
    """Return where each change that is still looked for may be."""
    return tuple(side.credible() for side in outlook.sides if side.finding() is None)
