"""How likely a value can be tested at all, judged by its neighbours: what breaks a release breaks those near it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bisectrix.search.question import Terms
from bisectrix.search.state import State

AT_LEAST: Final = 0.1
"""Even between two untestable values one in so many is expected to be testable."""

AFTER_OTHER_FAILURE: Final = 0.5
"""Chance that a value which failed differently shows the bug, or its absence, when it is run again."""


def given_up(span: Sequence[int], state: State, terms: Terms) -> frozenset[int]:
    """Return the values of the span that are not asked again, or not at all.

    In a stretch without evidence that holds many untestable values, those between the outermost two are skipped too.
    """
    untestable = state.untestable(terms.patience)
    if len(untestable) < terms.stubborn:
        return untestable
    skipped = set(untestable)
    stretch: list[int] = []
    for place, value in enumerate([*span, None]):
        if value is None or state.tally(value).evidence:
            if len(stretch) >= terms.stubborn:
                skipped.update(span[stretch[0] : stretch[-1] + 1])
            stretch = []
        elif value in untestable:
            stretch.append(place)
    return frozenset(skipped)


def chance_of_evidence(value: int, size: int, state: State) -> float:
    """Return the probability that a run of `value` is evidence, between its nearest neighbours that were run."""
    tally = state.tally(value)
    if tally.evidence or state.all_evidence:
        return 1.0
    if tally.other:
        return AFTER_OTHER_FAILURE
    below = max((other for other in state.tallies if other < value), default=-1)
    above = min((other for other in state.tallies if other > value), default=size)
    part = (value - below) / (above - below)
    chance = (1 - part) * _was_testable(below, state) + part * _was_testable(above, state)
    return max(chance, AT_LEAST)


def _was_testable(value: int, state: State) -> float:
    """Return 1 for a value that gave evidence, and for one beyond the axis, of which nothing is known."""
    tally = state.tallies.get(value)
    return 1.0 if tally is None or tally.evidence else 0.0
