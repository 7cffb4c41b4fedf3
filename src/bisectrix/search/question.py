"""What a search is asked, and on what terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, inf, log
from typing import TypeAlias


class Direction(StrEnum):
    """Which change a boundary is, read from the oldest value to the newest."""

    INTRODUCED = "introduced"
    FIXED = "fixed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Between:
    """Find the one change between two ends that somebody declared; either may be the older one."""

    good: int
    bad: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """Find where the bug was introduced below a bad value, and where it was fixed above it."""

    bad: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Anywhere:
    """Find a bad value first, galloping from `start`, then both its boundaries."""

    start: int


Task: TypeAlias = Between | Around | Anywhere


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """An axis and what is wanted of it; values are named by their index, oldest first, from 0.

    Attributes:
        size: number of values.
        weights: how suspicious the change that each value made is, relative to the others; empty means no opinion.
    """

    size: int
    task: Task
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """When to believe, when to give up, and what runs are expected to cost.

    Attributes:
        confidence: probability that a named boundary must be right with.
        matched: failures count as bad only with the declared signature, so good values never show the bug.
        deterministic: the caller vouches that the bug always shows; plain bisection, nothing is verified.
        steady: prior that it always shows; a repro that is known to need one attempt may raise it.
        rarest: a failure rate below this may be taken for good at a bad end.
        patience: runs that fail differently after which a value that gave no evidence counts as untestable.
        stubborn: untestable values in one stretch after which all between them are taken for untestable.
        hunt_runs: runs at each value while no bad one is known.
        hunt_values: values tried in the widest gaps after galloping found nothing bad.
        max_runs, max_s: budget, in runs and in seconds of runs added up.
        good_s, bad_s, build_s: cost of a run and of an environment until measured.
    """

    confidence: float = 0.95
    matched: bool = True
    deterministic: bool = False
    steady: float = 0.5
    rarest: float = 0.01
    patience: int = 2
    stubborn: int = 8
    hunt_runs: int = 1
    hunt_values: int = 8
    max_runs: float = inf
    max_s: float = inf
    good_s: float = 3.0
    bad_s: float = 30.0
    build_s: float = 5.0

    def knowing(self, rate: float) -> Terms:
        """Return the terms where the bug showed in this share of the runs on another axis: rarer than half is another."""
        return replace(self, rarest=max(self.rarest, rate / 2))

    def runs_to_see(self, rate: float) -> int:
        """Return the runs of which at least one shows a bug of this rate, at the confidence asked for."""
        return runs_to_see(rate, self.confidence)


def runs_to_see(rate: float, confidence: float) -> int:
    """Return the runs of which at least one shows a bug of this rate: (1 - rate) ** runs <= 1 - confidence."""
    return 1 if rate >= confidence else ceil(log(1 - confidence) / log(1 - rate))
