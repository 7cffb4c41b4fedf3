"""Planted truths, and searches that are run against them to the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from bisectrix.search.answers import Answer
from bisectrix.search.delta import Delta, DeltaAnswer
from bisectrix.search.driver import Probe, Search
from bisectrix.search.question import Question, Terms
from bisectrix.search.state import Observation
from bisectrix.search.subsets import Changes

Truth: TypeAlias = Callable[[int, Random], Observation]

BAD, GOOD = Observation.BAD, Observation.GOOD
UNTESTABLE, OTHER_FAILURE = Observation.UNTESTABLE, Observation.OTHER_FAILURE

EVEN = Terms(good_s=1, bad_s=1, build_s=0)
"""Every run costs the same."""

FAR_TOO_MANY = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """A search that came to its end, with every run in order."""

    answer: Answer | None
    search: Search
    told: tuple[tuple[Probe, Observation], ...]

    @property
    def runs(self) -> int:
        return len(self.told)

    @property
    def values(self) -> set[int]:
        return {probe.value for probe, _ in self.told}


def seeded(seed: int) -> Random:
    """Return dice that fall the same way every time."""
    return Random(seed)  # noqa: S311 - a simulation, no secret hangs on it


def bad_in(*spans: tuple[int, int], rate: float = 1.0, good_rate: float = 0.0) -> Truth:
    """Return a truth that is bad from the first value of each span up to, not including, the second."""

    def truth(value: int, dice: Random) -> Observation:
        is_bad = any(first <= value < end for first, end in spans)
        return BAD if dice.random() < (rate if is_bad else good_rate) else GOOD

    return truth


def without(untestable: set[int], truth: Truth, instead: Observation = UNTESTABLE) -> Truth:
    """Return the truth with values that give no evidence."""
    return lambda value, dice: instead if value in untestable else truth(value, dice)


def searched(question: Question, truth: Truth, terms: Terms = EVEN, *, workers: int = 1, seed: int = 0) -> Searched:
    """Search to the end, all runs of a round ending together."""
    search, dice = Search(question, terms, seeded(seed)), seeded(seed + 1)
    told: list[tuple[Probe, Observation]] = []
    while search.answer() is None and len(told) < FAR_TOO_MANY:
        probes = search.next_probes((), workers)
        assert probes, "the search is not finished and asks for nothing"
        for probe in probes:
            told.append((probe, truth(probe.value, dice)))
            search.record(*told[-1], 1.0)
    return Searched(answer=search.answer(), search=search, told=tuple(told))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reduced:
    """A search for a minimal set that came to its end."""

    answer: DeltaAnswer | None
    told: tuple[tuple[Changes, Observation], ...]
    rounds: int


def reduced(
    size: int, truth: Callable[[Changes, Random], Observation], terms: Terms = EVEN, *, workers: int = 1, seed: int = 0
) -> Reduced:
    """Reduce `size` changes to the end, all runs of a round ending together."""
    delta, dice = Delta(size, terms), seeded(seed)
    told: list[tuple[Changes, Observation]] = []
    rounds = 0
    while delta.answer() is None and len(told) < FAR_TOO_MANY:
        chosen = delta.next_sets((), workers)
        assert chosen, "the search is not finished and asks for nothing"
        rounds += 1
        for changes in chosen:
            told.append((changes, truth(changes, dice)))
            delta.record(*told[-1], 1.0)
    return Reduced(answer=delta.answer(), told=tuple(told), rounds=rounds)


def needs(*sets: set[int], rate: float = 1.0) -> Callable[[Changes, Random], Observation]:
    """Return a truth that is bad where any of the sets is applied whole."""
    return lambda changes, dice: BAD if any(each <= changes for each in sets) and dice.random() < rate else GOOD
