"""The search for one boundary: check the ends, narrow down, verify, audit.

To stop only when no model in play objects, and to look again at what was found, is what flake-aware culprit finding at
Google (2023) and the bisection of syzkaller do in their ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeAlias

from bisectrix.search.answers import Boundary, Credible, Unbounded
from bisectrix.search.belief import Belief, Counts, believe, by_model
from bisectrix.search.line import UNBOUNDED, Line, make_line
from bisectrix.search.question import Direction, Terms
from bisectrix.search.rates import Model, Rates, rate_grid
from bisectrix.search.regimes import likeliest_regimes, more_than_one_change
from bisectrix.search.state import State
from bisectrix.search.testable import given_up

IN_PLAY: Final = 0.02
"""A model with less posterior than this has no say in when to stop."""

LUCKY: Final = 0.15
"""One view leaves out the greatest rates, with so much posterior together: lucky first runs would speak for just these."""

UNDOUBTED: Final = 0.05
"""With more probability of several changes than this, a claim is probed where it is weakest."""

WIDE: Final = 0.9
"""An unprobed gap of more than this share of a side is audited; bisecting leaves no such gap, galloping does."""

WIDE_IF_OPEN: Final = (1 / 2, 1 / 3)
"""The same for the good and the bad side where nobody declared a good value: a regime may hide in a part of either."""

FRUITLESS_AUDITS: Final = 2
"""Untestable values on a side after which it is not audited further."""

LOOKS: Final = 2
"""Runs that a last good value must have had, and a first bad one while the bug may show in every run."""

UNBOUNDED_IF_OPEN: Final = 0.1
"""Prior that no value is good in a direction where none was declared, or where a good end without signatures may fail
as often as the bad one."""


class Purpose(StrEnum):
    """Why a value is probed."""

    GOOD_END = "check the good end"
    BAD_END = "check the bad end"
    SEARCH = "narrow down"
    VERIFY = "verify the boundary"
    AUDIT = "look for further changes"
    HUNT = "find a bad value"


ENDS: Final = frozenset({Purpose.GOOD_END, Purpose.BAD_END})


@dataclass(frozen=True, kw_only=True, slots=True)
class NeverBad:
    """The bad end is good, as often as it was asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanging:
    """The bug shows in the same share of runs all along."""

    rate: float


Finding: TypeAlias = Boundary | Unbounded | NeverBad | Unchanging

Wish: TypeAlias = tuple[int, Purpose]
"""A position to probe and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One direction from a bad value, as far as the observations have brought it.

    Attributes:
        span: every value of the side, testable or not, good end first.
        line: the testable ones.
        counts: bad and good runs by position on the line.
        belief: None while the counts cannot be explained by one change.
        is_closed: the good end is known or was declared, so it is checked first.
        doubt: probability that there is more than one change.
        beyond: whether each probed value of further regimes, cut off below the good end, is bad.
        is_last_look: further changes are certain, and all that is still wanted is the far end of the axis.
    """

    direction: Direction
    span: Sequence[int]
    line: Line
    counts: Counts
    belief: Belief | None
    is_closed: bool
    doubt: float
    beyond: Mapping[int, bool]
    terms: Terms
    is_last_look: bool = False

    @property
    def top(self) -> int:
        """Position of the bad end."""
        return len(self.line.values) - 1

    def wishes(self) -> list[Wish]:
        """Return the probes that must be made whatever they tell; a position stands as often as it is to be run."""
        if self.is_last_look:
            return [(0, Purpose.AUDIT)]
        if self.belief is None:
            return []
        return self._unchecked_ends() or self._verification(self.belief)

    def finding(self) -> Finding | None:
        """Return what was found, None while there is something to probe."""
        if self.belief is None or not self.line.values or self.wishes():
            return None
        if self._is_never_bad():
            return NeverBad()
        edge = self.belief.best()
        if self._is_sure(self.belief, edge):
            return self._finding_at(self.belief, edge)
        if self._is_sure(self.belief, 0, self.top + 1):
            return Unchanging(rate=self.belief.segment_of(0).bad_rate)
        return None

    def credible(self) -> Credible:
        """Return the smallest set of values that holds the change with the confidence asked for."""
        values: list[int] = []
        total = 0.0
        if self.belief is not None:
            for probability, edge in sorted(self._probabilities(self.belief), reverse=True):
                if total >= self.terms.confidence:
                    break
                values.extend(self._members(edge))
                total += probability
        return Credible(direction=self.direction, values=tuple(values), probability=min(total, 1.0))

    def by_value(self) -> dict[int, float]:
        """Return how likely the change is at each value; those that cannot be told apart share alike."""
        shares: dict[int, float] = {}
        for probability, edge in self._probabilities(self.belief) if self.belief is not None else ():
            members = self._members(edge)
            shares.update((value, probability / len(members)) for value in members)
        return shares

    def bad_runs_below_top(self) -> tuple[int, int]:
        """Return the bad and good runs of values that must be bad: a lower one showed the signature."""
        lowest = min((position for position, (bad, _) in self.counts.items() if bad), default=self.top)
        runs = [pair for position, pair in self.counts.items() if lowest <= position < self.top]
        return sum(bad for bad, _ in runs), sum(good for _, good in runs)

    def knowing(self, bad_elsewhere: tuple[int, int]) -> Side:
        """Return the side with rates learned from runs that are not on it."""
        if self.belief is None or not any(bad_elsewhere):
            return self
        line = replace(self.line, bad_elsewhere=bad_elsewhere)
        return replace(self, line=line, belief=believe(line, self.counts, self.belief.grid))

    def verdicts(self) -> dict[int, bool]:
        """Return whether each probed value lies on the bad side of the likeliest edge, or in a bad regime beyond."""
        edge = self.belief.best() if self.belief is not None else 0
        return {**self.beyond, **{self.line.values[at]: at >= edge for at in self.counts}}

    def _seen(self, position: int) -> tuple[int, int]:
        return self.counts.get(position, (0, 0))

    def _is_never_bad(self) -> bool:
        bad, good = self._seen(self.top)
        enough = 1 if self.terms.deterministic else self.terms.runs_to_see(self.terms.rarest)
        return not bad and good >= enough

    def _unchecked_ends(self) -> list[Wish]:
        wishes = []
        if not self._seen(self.top)[0] and not self._is_never_bad():
            wishes.append((self.top, Purpose.BAD_END))
        if self.is_closed and 0 not in self.counts:
            wishes.append((0, Purpose.GOOD_END))
        return wishes

    def _is_sure(self, belief: Belief, *edges: int) -> bool:
        likely = sum(map(belief.probability, edges)) >= self.terms.confidence
        return likely and self._confidence(belief, *edges) >= self.terms.confidence

    def _confidence(self, belief: Belief, *edges: int) -> float:
        """Return the probability of the edges together, in the most doubtful view that is in play.

        Views are the mixture, each model, and the rates without the greatest. The posterior is right on the whole;
        should the first runs have shown the bug more often than it shows, it is the other rates that say so.
        """
        joint = belief.together(*edges)
        models = by_model(belief.grid, joint)
        by_models = [models[model] / weight for model, weight in belief.models.items() if weight >= IN_PLAY]
        return min(sum(joint), *by_models, belief.unless_lucky(joint, LUCKY))

    def _verification(self, belief: Belief) -> list[Wish]:
        edge = belief.best()
        if self.terms.deterministic or edge > self.top:
            return []
        if not self._is_sure(belief, edge):
            return self._second_look(belief, edge)
        if edge == 0:
            return self._doubts(edge)
        return [*self._last_good_again(belief, edge), *self._audits(edge), *self._doubts(edge)]

    def _second_look(self, belief: Belief, edge: int) -> list[Wish]:
        """Return what settles a likely edge soonest while the bug may show in every run: both of its neighbours.

        A flaky bug is better left to the choice by information. A second sight of it would cost 1/q runs and tell
        little: the first bad value has shown the signature, and nothing below it has.
        """
        may_always_show = belief.models[Model.DETERMINISTIC] >= IN_PLAY
        is_likely = belief.probability(edge) >= self.terms.confidence
        if not edge or not may_always_show or not is_likely:
            return []
        first_bad = [(edge, Purpose.VERIFY)] * (LOOKS - self._seen(edge)[0])
        return [*first_bad, *[(edge - 1, Purpose.VERIFY)] * LOOKS]

    def _last_good_again(self, belief: Belief, edge: int) -> list[Wish]:
        """Return the runs at the last good value that would have shown a bug of the rate learned."""
        needed = max(LOOKS, self.terms.runs_to_see(belief.segment_of(edge).bad_rate))
        return [(edge - 1, Purpose.VERIFY)] * (needed - sum(self._seen(edge - 1)))

    def _audits(self, edge: int) -> list[Wish]:
        """Return the middle of a gap that takes up most of what lies on one side of the edge."""
        probed = sorted(self.counts)
        good_side = [-1, *(position for position in probed if position < edge)]
        bad_side = [position for position in probed if position >= edge]
        good, bad = (WIDE, WIDE) if self.is_closed else WIDE_IF_OPEN
        return [*self._audit(good_side, good * edge), *self._audit(bad_side, bad * (self.top + 1 - edge))]

    def _audit(self, probed: Sequence[int], wide: float) -> list[Wish]:
        if self._untestable_among(probed) >= FRUITLESS_AUDITS:
            return []
        return [((lower + upper) // 2, Purpose.AUDIT) for lower, upper in pairwise(probed) if upper - lower - 1 > wide]

    def _untestable_among(self, probed: Sequence[int]) -> int:
        """Return how many values between the outermost two positions could not be tested."""
        lowest, highest = probed[0], probed[-1]
        values = self._place(highest) - self._place(lowest)
        return values - (highest - lowest)

    def _place(self, position: int) -> int:
        """Return where a position stands in the span; below the first one is before the span."""
        return self.span.index(self.line.values[position]) if position >= 0 else -1

    def _doubts(self, edge: int) -> list[Wish]:
        """Return a run where a second change would be nearest: the value above the edge that was good most often."""
        if self.doubt <= UNDOUBTED:
            return []
        unlike = [(good, position) for position, (bad, good) in self.counts.items() if position > edge and not bad]
        return [(max(unlike)[1], Purpose.VERIFY)] if unlike else []

    def _finding_at(self, belief: Belief, edge: int) -> Finding:
        if edge > self.top:
            return NeverBad()
        if edge == 0:
            return Unbounded(direction=self.direction, end=self.line.values[0])
        last_good, first_bad = self.line.values[edge - 1], self.line.values[edge]
        return Boundary(
            direction=self.direction,
            last_good=last_good,
            first_bad=first_bad,
            untested=tuple(range(min(last_good, first_bad) + 1, max(last_good, first_bad))),
            confidence=self._confidence(belief, edge),
            rate=belief.segment_of(edge).bad_rate,
            noise=belief.segment_of(edge).good_rate,
        )

    def _probabilities(self, belief: Belief) -> Iterator[tuple[float, int]]:
        for segment in belief.segments:
            for edge in range(segment.low, segment.high + 1):
                yield belief.probability(edge), edge

    def _members(self, edge: int) -> list[int]:
        """Return the values of which the change may be at any, should `edge` be it; none where it is off the axis."""
        if edge > self.top or (edge == 0 and self.direction is Direction.FIXED):
            return []
        step = 1 if self.direction is Direction.INTRODUCED else 0
        return list(self.span[self._place(edge - 1) + step : self._place(edge) + step])


def look(
    direction: Direction, span: Sequence[int], weights: Sequence[float], state: State, terms: Terms, *, is_closed: bool
) -> Side:
    """Return the side as the observations show it.

    Where they need more than one change, the far end is looked at, then the side ends at the nearest good regime below
    its bad end.

    Args:
        direction: of the boundary that is looked for.
        span: indices of all values, good end first, the bad value last.
        weights: relative prior that the change is at each value of the span but the first.
        state: all observations.
        terms: when to believe.
        is_closed: the good end was declared.
    """
    unbounded = UNBOUNDED if is_closed and terms.matched else UNBOUNDED_IF_OPEN
    line = make_line(span, weights, given_up(span, state, terms), unbounded=unbounded)
    tallies = ((position, state.tally(value)) for position, value in enumerate(line.values))
    counts = {position: (tally.bad, tally.good) for position, tally in tallies if tally.evidence}
    grid = rate_grid(matched=terms.matched, steady=1.0 if terms.deterministic else terms.steady)
    doubt = more_than_one_change(counts, len(line.values), grid[::2] if terms.matched else grid)
    side = Side(
        direction=direction,
        span=span,
        line=line,
        counts=counts,
        belief=believe(line, counts, grid),
        is_closed=is_closed,
        doubt=doubt,
        beyond={},
        terms=terms,
    )
    if doubt < terms.confidence:
        return side
    if 0 not in counts and span.index(line.values[0]) < FRUITLESS_AUDITS:
        return replace(side, is_last_look=True)
    return _nearest(side, weights, state, grid)


def _nearest(side: Side, weights: Sequence[float], state: State, grid: tuple[Rates, ...]) -> Side:
    """Return the side cut at the lowest probed position of its topmost good regime."""
    regimes = likeliest_regimes(side.counts, len(side.line.values), grid)
    values = side.line.values
    lowest = next(positions[-1] for is_bad, positions in regimes if not is_bad)
    beyond = {values[at]: is_bad for is_bad, positions in regimes for at in positions if at < lowest}
    cut = side.span.index(values[lowest])
    nearest = look(side.direction, side.span[cut:], weights[cut:], state, side.terms, is_closed=True)
    return replace(nearest, beyond={**beyond, **nearest.beyond})
