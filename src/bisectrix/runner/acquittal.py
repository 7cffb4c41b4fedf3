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
        return Culprit(alone=False, movers=(), why="one side could not be resolved again")
    if good.lock.sha256 == bad.lock.sha256:
        return Culprit(
            alone=False, movers=(), why="both sides have the same lock, so the answer must be wrong: it is flaky"
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
    """Run the bad value with every package as on the good side, then the good value with every package as on the bad."""
    forth = prober.cross(boundary.first_bad, boundary.last_good)
    if _is(forth, Verdict.BAD):
        return Culprit(alone=True, movers=movers, why="it shows with all other packages as on the good side")
    back = prober.cross(boundary.last_good, boundary.first_bad)
    if _is(forth, Verdict.GOOD) and _is(back, Verdict.BAD):
        return Culprit(alone=False, movers=movers, why="it goes with what moved, not with the package")
    if _is(forth, Verdict.GOOD):
        return Culprit(alone=False, movers=movers, why="it takes the package and what moved with it")
    return Culprit(alone=False, movers=movers, why=f"they cannot be separated: {_said(forth)}")


def _is(run: Attempt | Unavailable, verdict: Verdict) -> bool:
    return isinstance(run, Attempt) and run.verdict is verdict


def _said(run: Attempt | Unavailable) -> str:
    return " ".join((run.explanation if isinstance(run, Unavailable) else run.summary).split())
