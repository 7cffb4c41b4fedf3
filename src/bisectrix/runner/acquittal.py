"""Is it the package itself: what else moved across a boundary, and whether the bug comes without it."""

from __future__ import annotations

from bisectrix.model.attempt import Attempt
from bisectrix.model.bisection import Culprit, Mover
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import Verdict
from bisectrix.runner.cell import Work
from bisectrix.runner.probing import Prober
from bisectrix.search.answers import Boundary


def culprit(prober: Prober, boundary: Boundary, axis: str) -> Culprit:
    """Compare the locks of both sides, and where more than the package moved, run the bad one among the good one's."""
    good, bad = prober.work(boundary.last_good)[1], prober.work(boundary.first_bad)[1]
    if isinstance(good, Unavailable) or isinstance(bad, Unavailable):
        return Culprit(alone=False, movers=(), why="one side could not be resolved again")
    if good.lock.sha256 == bad.lock.sha256:
        return Culprit(
            alone=False, movers=(), why="both sides have the same lock, so the answer must be wrong: it is flaky"
        )
    movers = moved(good, bad, axis)
    if not movers:
        return Culprit(alone=True, movers=(), why="nothing else moved")
    return _crossed(prober, boundary, movers)


def moved(good: Work, bad: Work, axis: str = "") -> tuple[Mover, ...]:
    """Return the packages other than `axis` that are not the same on both sides, sorted by name."""
    old, new = dict(good.lock.packages), dict(bad.lock.packages)
    names = sorted((old.keys() | new.keys()) - {axis})
    return tuple(
        Mover(name=name, old=old.get(name, ""), new=new.get(name, ""))
        for name in names
        if old.get(name) != new.get(name)
    )


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
