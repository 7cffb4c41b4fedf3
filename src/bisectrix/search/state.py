"""What was seen: nothing else decides what a search does next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Observation(StrEnum):
    """What one run says about one value; the last two are no evidence for or against the bug."""

    GOOD = "good"
    BAD = "bad"
    UNTESTABLE = "untestable"
    OTHER_FAILURE = "other failure"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How often a value was seen how."""

    good: int = 0
    bad: int = 0
    untestable: int = 0
    other: int = 0

    @property
    def evidence(self) -> int:
        """Runs that count for or against the bug."""
        return self.good + self.bad

    def plus(self, observation: Observation) -> Tally:
        """Return the tally with one more run."""
        match observation:
            case Observation.GOOD:
                return replace(self, good=self.good + 1)
            case Observation.BAD:
                return replace(self, bad=self.bad + 1)
            case Observation.UNTESTABLE:
                return replace(self, untestable=self.untestable + 1)
            case Observation.OTHER_FAILURE:
                return replace(self, other=self.other + 1)


NOTHING = Tally()


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """All that was recorded; rebuilt by recording the same observations in the same order.

    Attributes:
        tallies: by index of the value, only those that were run.
        bad_seen: the values seen bad, in the order in which they were first seen so.
        seconds: runs and the seconds they took, by what was observed.
        builds: environments that were made, and the seconds that took.
    """

    tallies: Mapping[int, Tally] = field(default_factory=dict)
    bad_seen: tuple[int, ...] = ()
    seconds: Mapping[Observation, tuple[int, float]] = field(default_factory=dict)
    builds: tuple[int, float] = (0, 0.0)

    @property
    def runs(self) -> int:
        """All runs, evidence or not."""
        return sum(runs for runs, _ in self.seconds.values())

    @property
    def all_evidence(self) -> bool:
        """Whether every run so far counts for or against the bug."""
        return self.seconds.keys() <= {Observation.GOOD, Observation.BAD}

    @property
    def spent_s(self) -> float:
        """Seconds of all runs added up."""
        return sum(seconds for _, seconds in self.seconds.values())

    def tally(self, value: int) -> Tally:
        """Return how often a value was seen how, nothing if it was not run."""
        return self.tallies.get(value, NOTHING)

    def after(self, value: int, observation: Observation, cost_s: float) -> State:
        """Return the state with one more run."""
        runs, seconds = self.seconds.get(observation, (0, 0.0))
        is_new_bad = observation is Observation.BAD and value not in self.bad_seen
        return replace(
            self,
            tallies={**self.tallies, value: self.tally(value).plus(observation)},
            bad_seen=(*self.bad_seen, value) if is_new_bad else self.bad_seen,
            seconds={**self.seconds, observation: (runs + 1, seconds + cost_s)},
        )

    def after_build(self, cost_s: float) -> State:
        """Return the state with one more environment made."""
        builds, seconds = self.builds
        return replace(self, builds=(builds + 1, seconds + cost_s))

    def untestable(self, patience: int) -> frozenset[int]:
        """Return the values that gave no evidence and will not be asked again."""
        return frozenset(
            value
            for value, tally in self.tallies.items()
            if not tally.evidence and (tally.untestable or tally.other >= patience)
        )

    def mean_s(self, observation: Observation, expected_s: float) -> float:
        """Return what such a run takes, as measured, or as expected before the first."""
        runs, seconds = self.seconds.get(observation, (0, 0.0))
        return seconds / runs if runs else expected_s

    def mean_build_s(self, expected_s: float) -> float:
        """Return what an environment takes, as measured, or as expected before the first."""
        builds, seconds = self.builds
        return seconds / builds if builds else expected_s
