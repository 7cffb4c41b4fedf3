"""What a bisection found, as it is recorded and shown."""

from __future__ import annotations

from dataclasses import dataclass

from bisectrix.model.words import AxisKind

Pins = tuple[tuple[str, str], ...]
"""Name and version of packages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mover:
    """A package that is not the same on both sides of a boundary; an empty version means it is absent."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Culprit:
    """Whether the value itself is to blame for a boundary.

    Attributes:
        alone: the bug comes and goes with the value, all other packages the same.
        movers: packages that moved with it.
        why: how that was seen, one clause; where it is not alone, a predicate of the value.
    """

    alone: bool
    movers: tuple[Mover, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """All runs of one value: how often it was good, bad, or no evidence, and what was said of it last."""

    value: str
    good: int
    bad: int
    other: int
    summary: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitSearch:
    """The search that went on from one release to the next, or inside a merge, commit by commit.

    Attributes:
        title: from where to where.
        size: number of commits.
        sentences: the answer, which the whole search repeats.
        probes: by commit, oldest first.
    """

    title: str
    size: int
    sentences: tuple[str, ...]
    probes: tuple[Probed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundBoundary:
    """One change along the axis, by values.

    Attributes:
        direction: `introduced` or `fixed`.
        untested: values between the two that gave no evidence.
        confidence: that the change is here, a share from 0 to 1.
        rate: of runs on the bad side that show the bug.
        explanation: which files changed, most telling first, Markdown; empty where nothing could be compared.
        commits: the searches between the two releases, the second and later ones inside the merge that the one
            before found; empty where nobody asked for them.
    """

    direction: str
    last_good: str
    first_bad: str
    untested: tuple[str, ...]
    confidence: float
    rate: float
    culprit: Culprit
    explanation: str
    commits: tuple[CommitSearch, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BisectionRecord:
    """One search over one axis of one repro.

    Attributes:
        axis: package, `cutoff`, `python`, or any other axis of a matrix.
        matrix: whose axis that is; empty for one that belongs to no matrix.
        first, last: ends of the axis.
        size: number of values on it.
        sentences: the answer, ready for an issue.
        specifier: `>=8.0.0,<8.2.0`, the values that show it; empty where there is none to give.
        probes: by value, oldest first.
        likely: where the change may be with its probability, likeliest first; empty when it was found.
        shows: the face of the bug that was searched for, a regular expression; empty means any.
    """

    repro: str
    axis: str
    kind: AxisKind
    first: str
    last: str
    size: int
    python: str
    sentences: tuple[str, ...]
    specifier: str
    boundaries: tuple[FoundBoundary, ...]
    probes: tuple[Probed, ...]
    dropped: tuple[tuple[str, str], ...]
    likely: tuple[tuple[str, float], ...]
    commands: tuple[str, ...]
    matrix: str = ""
    shows: str = ""
