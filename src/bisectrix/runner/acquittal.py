"""Is it the package itself: what else moved across a boundary, and whether the bug comes without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from bisectrix.model.bisection import Culprit, Mover
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import AxisKind, Verdict
from bisectrix.runner.difference import Mixer
from bisectrix.runner.movers import moved
from bisectrix.runner.probing import Crossed, Prober
from bisectrix.runner.work import Work
from bisectrix.search.answers import Boundary
from bisectrix.search.crossing import Contrast
from bisectrix.search.delta import DeltaAnswer, Minimal
from bisectrix.search.question import Direction

UPDATES = {str(AxisKind.CUTOFF), str(AxisKind.RESOLUTION)}
"""Axes along which nothing changes but packages."""

Separate: TypeAlias = Callable[[Mixer], DeltaAnswer | None]


def culprit_of(prober: Prober, boundary: Boundary, axis: str, confidence: float, separate: Separate) -> Culprit:
    """Compare the locks of both sides, and where more than the package moved, run the bad one among the good one's.

    Args:
        prober: what ran both sides.
        boundary: where the bug comes or goes.
        axis: a package, or one of `UPDATES`, where whatever was updated may be to blame.
        confidence: with which a cross must be good or bad.
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
    return _crossed(prober, boundary, movers, confidence, lambda: _taken(separate, good, bad, axis))


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


def _taken(separate: Separate, good: Work, bad: Work, package: str) -> str:
    """Name those that it takes beside the package, of several that moved; empty where that was not found."""
    mixer = Mixer(good, bad)
    match separate(mixer):
        case Minimal(sets=(first, *_)):
            needed = [mixer.movers[change] for change in first.changes]
            return ", ".join(f"{mover.name} {mover.new or 'absent'}" for mover in needed if mover.name != package)
        case _:
            return ""


def _crossed(
    prober: Prober, boundary: Boundary, movers: tuple[Mover, ...], confidence: float, taken: Callable[[], str]
) -> Culprit:
    """Run the newer value with every package as with the older one, then the older value with those of the newer."""
    contrast = Contrast(bad=boundary.rate, good=boundary.noise, confidence=confidence)
    if boundary.direction is Direction.INTRODUCED:
        older, newer, before, after = boundary.last_good, boundary.first_bad, Verdict.GOOD, Verdict.BAD
        alone = "it shows with all other packages as on the good side"
    else:
        older, newer, before, after = boundary.first_bad, boundary.last_good, Verdict.BAD, Verdict.GOOD
        alone = "it is gone with all other packages as on the bad side"
    without = prober.cross(newer, older, contrast)
    if without.verdict is after:
        return Culprit(alone=True, movers=movers, why=alone)
    only = prober.cross(older, newer, contrast)
    if only.verdict is after:
        return Culprit(alone=False, movers=movers, why="makes no difference: what moved with it does so without it")
    needed, takes_part = without.verdict is before, only.verdict is before
    why = _part_taken(without, only, needed=needed, takes_part=takes_part)
    others = taken() if needed and len(movers) > 1 else ""
    return Culprit(
        alone=False, movers=movers, why=f"{why.rstrip('.')}; of the others it takes {others}" if others else why
    )


def _part_taken(without: Crossed, only: Crossed, *, needed: bool, takes_part: bool) -> str:
    """Say what is known of a value and of what moved with it.

    Args:
        without: the newer value without what moved.
        only: the older value with what moved.
        needed: without what moved it makes no difference.
        takes_part: what moved makes no difference without it.
    """
    match needed, takes_part:
        case True, True:
            return "makes no difference alone: it takes both the package and what moved with it"
        case True, False:
            known = f"alone it makes no difference, and the others cannot be run without it: {only.said}"
        case False, True:
            known = f"the others make no difference alone, and it cannot be run without them: {without.said}"
        case _:
            known = without.said
    return f"cannot be separated from what moved with it: {known}"
