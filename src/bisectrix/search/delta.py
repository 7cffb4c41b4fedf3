"""A minimal set of changes that turns a good lock bad, found by asking and telling; pure.

Subsets of the changes are applied to the good side. One that does not resolve is no evidence; one that is flaky is run
until its outcome is sure. A minimal set is verified both ways: alone it turns the good side bad, and without it, and
without any other set that suffices, the bad side is good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Final, TypeAlias

from bisectrix.search.question import Terms
from bisectrix.search.state import Observation
from bisectrix.search.subsets import Changes, learn_partners, needed_probabilities, reductions
from bisectrix.search.trials import Standing, Trials

NO_CHANGE: Final[Changes] = frozenset()

BAD_RUNS: Final = 3
"""Bad runs of the whole bad side before anything else: what they tell of the rate saves good runs of every set."""

LOOKS: Final = 2
"""Runs that a set named in the answer must have had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MinimalSet:
    """Changes that turn the good side bad, each of them needed.

    Attributes:
        unconfirmed: those that could not be taken back alone, since the rest does not resolve.
    """

    changes: tuple[int, ...]
    unconfirmed: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Minimal:
    """Every set that suffices alone, in the order found; with all of them taken back the bad side is good.

    Attributes:
        is_reversed: whether that last run was made; it cannot where what is left does not resolve.
    """

    sets: tuple[MinimalSet, ...]
    is_reversed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodWithAll:
    """The bad side never showed the bug."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadWithNone:
    """The good side shows the bug."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """The budget is spent; `smallest` is the smallest set known to be bad."""

    reason: str
    smallest: tuple[int, ...]


DeltaAnswer: TypeAlias = Minimal | GoodWithAll | BadWithNone | Unfinished


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What the trials amount to; computed once for each state.

    Attributes:
        guesses: sets under way, taken for good until they end.
    """

    trials: Trials
    guesses: tuple[Changes, ...] = ()

    @cached_property
    def bad(self) -> list[Changes]:
        """Sets known to show the bug."""
        return self.trials.sets_that_are(Standing.BAD)

    @cached_property
    def good(self) -> list[Changes]:
        """Sets known not to, and those guessed not to."""
        return [*self.trials.sets_that_are(Standing.GOOD), *self.guesses]

    @cached_property
    def minimal(self) -> tuple[MinimalSet, ...]:
        """Minimal sets that are finished."""
        return tuple(self._minimal_set(changes) for changes in self._reduced[0])

    @property
    def ground(self) -> Changes:
        """All changes but those of the finished sets."""
        return self.trials.every.difference(*self._reduced[0])

    @property
    def current(self) -> Changes | None:
        """The smallest bad set that may still be reduced, None where there is none."""
        return self._reduced[1]

    @cached_property
    def candidates(self) -> list[Changes]:
        """Sets worth a run now, best first."""
        return self._candidates(self.current) if self.current is not None else []

    @cached_property
    def _reduced(self) -> tuple[list[Changes], Changes | None]:
        finished: list[Changes] = []
        ground = self.trials.every
        while ground in self.bad:
            current = min((changes for changes in self.bad if changes <= ground), key=lambda c: (len(c), sorted(c)))
            if self._candidates(current):
                return finished, current
            finished.append(current)
            ground -= current
        return finished, None

    def _candidates(self, current: Changes) -> list[Changes]:
        unresolved = self.trials.sets_that_are(Standing.UNRESOLVED)
        partners = learn_partners(self.trials.every, unresolved, [*self.bad, *self.good])
        needed = needed_probabilities(current, (changes & current for changes in self.good))
        return [
            changes
            for changes in reductions(current, needed, partners)
            if changes not in unresolved and not self._is_good(changes)
        ]

    def _is_good(self, changes: Changes) -> bool:
        """Say whether a set is part of a good one: taking changes back does not bring the bug."""
        return any(changes <= good for good in self.good)

    def _minimal_set(self, changes: Changes) -> MinimalSet:
        unconfirmed = tuple(change for change in sorted(changes) if not self._is_good(changes - {change}))
        return MinimalSet(changes=tuple(sorted(changes)), unconfirmed=unconfirmed)


class Delta:
    """A search for the minimal set under way; its state is what was recorded, in order."""

    def __init__(self, size: int, terms: Terms) -> None:
        """Start with nothing recorded about `size` changes, numbered from 0."""
        self._terms = terms
        self._runs = 0
        self._spent_s = 0.0
        self._see(Trials(every=frozenset(range(size)), terms=terms, tallies={}))

    @property
    def trials(self) -> Trials:
        """All that was recorded."""
        return self._progress.trials

    def record(self, changes: Changes, observation: Observation, cost_s: float) -> None:
        """Take in what the good side with `changes` applied showed, and the seconds that took."""
        self._runs += 1
        self._spent_s += cost_s
        self._see(self.trials.after(changes, observation))

    def answer(self) -> DeltaAnswer | None:
        """Return the answer, None while the search goes on."""
        return self._answer

    def next_sets(self, pending: Sequence[Changes], workers: int) -> tuple[Changes, ...]:
        """Return the sets to run now, at most as many as there are idle workers; a set may stand more than once.

        Args:
            pending: sets that are being run.
            workers: how many runs may go on at the same time, those pending included.
        """
        if self._answer is not None:
            return ()
        free = int(min(workers - len(pending), self._terms.max_runs - self._runs - len(pending)))
        under_way = Counter(pending)
        chosen: list[Changes] = []
        for changes in self._wanted():
            if len(chosen) >= free:
                break
            if under_way[changes]:
                under_way[changes] -= 1
            else:
                chosen.append(changes)
        return tuple(chosen)

    def _see(self, trials: Trials) -> None:
        self._progress = Progress(trials=trials)
        self._answer = self._conclude()

    def _wanted(self) -> Iterator[Changes]:
        """Yield the sets to run, each as often as it takes, guessing ahead that they come out good."""
        ends = self._unchecked_ends()
        if ends:
            yield from ends
            return
        progress = self._progress
        if progress.current is None:
            yield from self._closing_runs()
            return
        guesses: tuple[Changes, ...] = ()
        while progress.candidates:
            begun = [changes for changes in progress.candidates if self.trials.tally(changes).evidence]
            changes = (begun or progress.candidates)[0]
            yield from repeat(changes, self._runs_left(changes))
            guesses = (*guesses, changes)
            progress = Progress(trials=self.trials, guesses=guesses)

    def _runs_left(self, changes: Changes) -> int:
        return max(1, self.trials.runs_to_acquit() - self.trials.tally(changes).good)

    def _unchecked_ends(self) -> list[Changes]:
        """Return the runs without which nothing else means anything: both sides, the good one no more than the bad."""
        with_all, with_none = self.trials.tally(self.trials.every), self.trials.tally(NO_CHANGE)
        is_good = self.trials.standing(NO_CHANGE) is Standing.GOOD
        enough = 1 if self._terms.deterministic else BAD_RUNS
        is_next = with_all.bad < enough or (not is_good and with_all.evidence <= with_none.evidence)
        return [*([self.trials.every] if is_next else []), *([] if is_good else [NO_CHANGE])]

    def _closing_runs(self) -> list[Changes]:
        """Return the runs that verify the finished sets in both directions."""
        named = [frozenset(minimal.changes) for minimal in self._progress.minimal]
        looks = [] if self._terms.deterministic else [c for c in named if self.trials.tally(c).evidence < LOOKS]
        ground = self._progress.ground
        if self.trials.standing(ground) is Standing.OPEN:
            return [*looks, *repeat(ground, self._runs_left(ground))]
        return looks

    def _conclude(self) -> DeltaAnswer | None:
        return self._at_the_ends() or self._when_minimal() or self._out_of_budget()

    def _at_the_ends(self) -> DeltaAnswer | None:
        if not self.trials.is_explained:
            return self._unfinished("one set was seen good and bad, so the bug is not deterministic")
        with_all = self.trials.tally(self.trials.every)
        enough = 1 if self._terms.deterministic else self._terms.runs_to_see(self._terms.rarest)
        if not with_all.bad and with_all.good >= enough:
            return GoodWithAll()
        if self.trials.tally(NO_CHANGE).bad and self.trials.standing(NO_CHANGE) is Standing.BAD:
            return BadWithNone()
        unresolved = [self.trials.standing(end) is Standing.UNRESOLVED for end in (self.trials.every, NO_CHANGE)]
        return self._unfinished("one of the two sides cannot be run") if any(unresolved) else None

    def _when_minimal(self) -> Minimal | None:
        if self._unchecked_ends() or self._progress.current is not None or self._closing_runs():
            return None
        is_reversed = self.trials.standing(self._progress.ground) is Standing.GOOD
        return Minimal(sets=self._progress.minimal, is_reversed=is_reversed)

    def _out_of_budget(self) -> Unfinished | None:
        if self._runs >= self._terms.max_runs:
            return self._unfinished(f"the budget is spent: {self._runs} runs")
        if self._spent_s >= self._terms.max_s:
            return self._unfinished(f"the budget is spent: {self._spent_s:.0f} s")
        return None

    def _unfinished(self, reason: str) -> Unfinished:
        return Unfinished(reason=reason, smallest=tuple(sorted(self._progress.current or self.trials.every)))
