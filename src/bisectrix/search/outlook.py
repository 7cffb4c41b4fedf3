"""What a question and the observations amount to: the bad value that is known, and a search on each side of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bisectrix.search.question import Anywhere, Around, Between, Direction, Question, Terms
from bisectrix.search.side import Side, look
from bisectrix.search.state import State


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What follows from a question and the observations so far; computed once for each state."""

    question: Question
    terms: Terms
    state: State

    @cached_property
    def known_bad(self) -> int | None:
        """The bad value both sides start from: the declared one, unless another took its place; None while hunting."""
        match self.question.task:
            case Between(bad=bad) | Around(bad=bad):
                return self._replaced(bad)
            case Anywhere():
                return self.state.bad_seen[0] if self.state.bad_seen else None

    def _replaced(self, declared: int) -> int:
        """Return the first value seen bad where the declared one could not be tested or was only ever good."""
        tally = self.state.tally(declared)
        never_bad = not tally.bad and tally.good >= self.terms.runs_to_see(self.terms.rarest)
        unusable = never_bad or declared in self.state.untestable(self.terms.patience)
        return self.state.bad_seen[0] if unusable and self.state.bad_seen else declared

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """The searches for each boundary, none while no bad value is known."""
        if self.known_bad is None:
            return ()
        match self.question.task:
            case Between(good=good):
                direction = Direction.INTRODUCED if good < self.known_bad else Direction.FIXED
                return (self._side(direction, good, self.known_bad, is_closed=True),)
            case Around() | Anywhere():
                older = self._side(Direction.INTRODUCED, 0, self.known_bad, is_closed=False)
                newer = self._side(Direction.FIXED, self.question.size - 1, self.known_bad, is_closed=False)
                if not self.terms.matched:
                    return older, newer
                return older.knowing(newer.bad_runs_below_top()), newer.knowing(older.bad_runs_below_top())

    @cached_property
    def has_further_changes(self) -> bool:
        """Whether something was seen that the boundaries around the known bad value do not explain."""
        return self._has_moved() or any(side.beyond for side in self.sides)

    def _has_moved(self) -> bool:
        match self.question.task:
            case Between(bad=bad) | Around(bad=bad):
                return bad != self.known_bad and self.state.tally(bad).evidence > 0
            case Anywhere():
                return False

    def _side(self, direction: Direction, good: int, bad: int, *, is_closed: bool) -> Side:
        span = range(good, bad + 1) if direction is Direction.INTRODUCED else range(good, bad - 1, -1)
        weights = self._weights(direction, span, is_closed=is_closed)
        return look(direction, span, weights, self.state, self.terms, is_closed=is_closed)

    def _weights(self, direction: Direction, span: range, *, is_closed: bool) -> list[float]:
        """Return the prior of a change at each step of the span; where the far end is unknown it falls with distance."""
        if self.question.weights:
            changed = span[1:] if direction is Direction.INTRODUCED else span[:-1]
            return [self.question.weights[value] for value in changed]
        steps = len(span) - 1
        return [1.0 if is_closed else 1 / (steps - step) for step in range(steps)]
