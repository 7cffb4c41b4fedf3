"""Is it the package itself: what else moved across a boundary, and whether the bug comes without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from bisectrix.model.attempt import Attempt
from bisectrix.model.bisection import Culprit, Mover
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import AxisKind, Verdict
from bisectrix.runner.cell import Work
from bisectrix.runner.difference import Mixer
from bisectrix.runner.movers import moved
from bisectrix.runner.probing import Prober
from bisectrix.search.answers import Boundary
from bisectrix.search.delta import DeltaAnswer, Minimal
from bisectrix.search.question import Direction, Terms

UPDATES = {str(AxisKind.CUTOFF), str(AxisKind.RESOLUTION)}
"""Axes along which nothing changes but packages."""

Separate: TypeAlias = Callable[[Mixer], DeltaAnswer | None]


def culprit(prober: Prober, boundary: Boundary, axis: str, separate: Separate) -> Culprit:
    """Compare the locks of both sides, and where more than the package moved, run the bad one among the good one's.

    Args:
        prober: what ran both sides.
        boundary: where the bug comes or goes.
        axis: a package, or one of `UPDATES`, where whatever was updated may be to blame.
        separate: finds the minimal set of changes between two cells.
    """
    good, bad = prober.work(boundary.last_good)[1], prober.work(boundary.first_bad)[1]
    if isinstance(good, Unavailable) or isinstance(bad, Unavailable):
        return Culprit(alone=False, movers=(), why="cannot be judged: one side could not be resolved again")
    if good.lock.sha256 == bad.lock.sha256:
        return Culprit(
            alone=False,
            movers=(),
            why="is not to blame: both sides have the same lock, so the answer must be wrong: it is flaky",
        )
    movers = moved(good.lock, bad.lock, axis)
    if axis in UPDATES:
        return _by_delta(separate, good, bad)
    if not movers:
        return Culprit(alone=True, movers=(), why="nothing else moved")
    return _crossed(prober, boundary, movers)


def beside(prober: Prober, boundary: Boundary) -> Culprit:
    """Say what moved along with a value that is no package, such as a variant."""
    good, bad = prober.work(boundary.last_good)[1], prober.work(boundary.first_bad)[1]
    if isinstance(good, Unavailable) or isinstance(bad, Unavailable):
        return Culprit(alone=False, movers=(), why="one side could not be resolved again")
    movers = moved(good.lock, bad.lock)
    why = "packages moved with it, too" if movers else "all packages are the same"
    return Culprit(alone=not movers, movers=movers, why=why)


def _by_delta(separate: Separate, good: Work, bad: Work) -> Culprit:
    """Name the packages that were updated from one side to the other and make the difference."""
    mixer = Mixer(good, bad)
    answer = separate(mixer)
    if not isinstance(answer, Minimal) or not answer.sets:
        return Culprit(alone=False, movers=moved(good.lock, bad.lock), why="which of the updates it is was not found")
    needed = tuple(mixer.movers[change] for change in answer.sets[0].changes)
    others = len(mixer.movers) - len(needed)
    why = f"it takes {len(needed)} of {len(mixer.movers)} updates" if others else "it is all that was updated"
    return Culprit(alone=len(needed) == 1, movers=needed, why=why)


def _crossed(prober: Prober, boundary: Boundary, movers: tuple[Mover, ...]) -> Culprit:
    """Run the newer value with every package as with the older one, then the older value with those of the newer."""
    runs = Terms().runs_to_see(boundary.rate)
    if boundary.direction is Direction.INTRODUCED:
        older, newer, before, after = boundary.last_good, boundary.first_bad, Verdict.GOOD, Verdict.BAD
        alone = "it shows with all other packages as on the good side"
    else:
        older, newer, before, after = boundary.first_bad, boundary.last_good, Verdict.BAD, Verdict.GOOD
        alone = "it is gone with all other packages as on the bad side"
    without = prober.cross(newer, older, runs=runs)
    if _is(without, after):
        return Culprit(alone=True, movers=movers, why=alone)
    only = prober.cross(older, newer, runs=runs)
    if _is(only, after):
        return Culprit(alone=False, movers=movers, why="makes no difference: what moved with it does so without it")
    return Culprit(
        alone=False,
        movers=movers,
        why=_part_taken(without, only, needed=_is(without, before), takes_part=_is(only, before)),
    )


def _part_taken(without: Attempt | Unavailable, only: Attempt | Unavailable, *, needed: bool, takes_part: bool) -> str:
    """Say what is known of a value and of what moved with it.

    Args:
        without: the run of the newer value without what moved.
        only: the run of the older value with what moved.
        needed: without what moved it makes no difference.
        takes_part: what moved makes no difference without it.
    """
    match needed, takes_part:
        case True, True:
            return "makes no difference alone: it takes both the package and what moved with it"
        case True, False:
            return f"makes no difference without what moved with it, which cannot be run alone: {_said(only)}"
        case False, True:
            return (
                f"takes part, for what moved makes no difference alone; it cannot be run without that: {_said(without)}"
            )
        case _:
            return f"cannot be separated from what moved with it: {_said(without)}"


def _is(run: Attempt | Unavailable, verdict: Verdict) -> bool:
    return isinstance(run, Attempt) and run.verdict is verdict


def _said(run: Attempt | Unavailable) -> str:
    return " ".join((run.explanation if isinstance(run, Unavailable) else run.summary).split())
