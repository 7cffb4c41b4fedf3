"""What somebody said about a bug, and what would have to be seen for it to be true."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bisectrix.model.matrix import Coordinates
from bisectrix.model.words import ClaimKind


class Share(StrEnum):
    """How many of the attempts must look as expected, where no rate is given."""

    EVERY = "every"
    SOME = "some"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """The share of attempts that somebody states, from 0 to 1; equal ends for a single figure."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenIn:
    """What attempts of some cells look like.

    Attributes:
        where: axis to value or `fnmatch` pattern; every cell that has all of them is meant.
        outcome: an outcome, of a test where `test` names one, or the verdict `good` or `bad`.
        test: name of a test as `fnmatch` pattern; empty means the attempt as a whole.
        shows: regular expression searched in what the record says of an attempt: its summary, the last line that it
            printed, the head and the frames of its signature, messages of tests; empty means any.
    """

    where: Coordinates
    outcome: str
    test: str = ""
    shows: str = ""
    share: Share | Stated = Share.EVERY


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangesAt:
    """Where along an axis the bug begins and ends, as a bisection finds it; an empty value is not claimed.

    With `shows` a face of the bug: what a search for that very expression finds.
    """

    axis: str
    introduced: str = ""
    fixed: str = ""
    shows: str = ""


Expectation: TypeAlias = SeenIn | ChangesAt


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A statement with its source.

    Attributes:
        likelihood: as its author put it; shown, never used as evidence.
        cause: the axis whose value is said to matter: cells that differ in it alone are put side by side.
        against: the value of that axis to compare with; empty means every other one.
        note: what its editor adds, shown beside what was seen.
        untestable: why no cell can settle it; such a claim expects nothing.
    """

    id: str
    kind: ClaimKind
    says: str
    source: str = ""
    likelihood: str = ""
    cause: str = ""
    against: str = ""
    note: str = ""
    untestable: str = ""
    expect: tuple[Expectation, ...] = ()
