"""What a search can answer; values are named by their index on the axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bisectrix.search.question import Direction


@dataclass(frozen=True, kw_only=True, slots=True)
class Boundary:
    """The values between which the bug appears or disappears.

    Attributes:
        untested: values between the two that could not be tested, oldest first; the change may be at any of them.
        confidence: probability that the change is not elsewhere, under the most doubtful model that is in play.
        rate: share of runs on the bad side that show the bug, as learned.
        noise: the same on the good side.
    """

    direction: Direction
    last_good: int
    first_bad: int
    untested: tuple[int, ...]
    confidence: float
    rate: float
    noise: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Unbounded:
    """Every value that can be tested is bad, as far as the axis goes in this direction; `end` is the last of them."""

    direction: Direction
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Credible:
    """The smallest set of values that holds the change with the confidence asked for.

    Attributes:
        values: where the change may be, likeliest first: the first bad value when introduced, the first good one
            when fixed; untestable values stand with the testable one they cannot be told from.
        probability: of the whole set.
    """

    direction: Direction
    values: tuple[int, ...]
    probability: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Regime:
    """Neighbouring values that were seen alike, from the oldest seen to the newest."""

    bad: bool
    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One change, or the one that introduced and the one that fixed the bug, oldest first."""

    boundaries: tuple[Boundary, ...]
    unbounded: tuple[Unbounded, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NonMonotone:
    """More changes than the task allows.

    Attributes:
        boundaries: those around the known bad value, as certain as any.
        regimes: all that was seen, oldest first; where two of them meet the change was not searched for.
    """

    boundaries: tuple[Boundary, ...]
    unbounded: tuple[Unbounded, ...]
    regimes: tuple[Regime, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodEverywhere:
    """No run showed the bug.

    Attributes:
        tested: values with at least one good run, oldest first.
        rarest: a bug that shows in at least this share of runs would have been seen, at the confidence asked for,
            at the value that was run most.
    """

    tested: tuple[int, ...]
    rarest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BadEverywhere:
    """Every value that was tested shows the bug."""

    tested: tuple[int, ...]
    rate: float


@dataclass(frozen=True, kw_only=True, slots=True)
class NoChange:
    """Both ends fail in the same share of runs: what is being searched does not decide it."""

    tested: tuple[int, ...]
    rate: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Undecided:
    """The search ended early, or had nothing to go on.

    Attributes:
        reason: one clause.
        settled: boundaries that were already found.
        credible: for each change still looked for, where it may be; empty where no bad value is known yet.
    """

    reason: str
    settled: tuple[Boundary, ...] = ()
    credible: tuple[Credible, ...] = ()


Answer: TypeAlias = Found | NonMonotone | GoodEverywhere | BadEverywhere | NoChange | Undecided
