"""The smallest difference between two cells, for real: sets of package changes are applied to the good one and run."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from bisectrix.model.attempt import Attempt
from bisectrix.model.environment import Unavailable
from bisectrix.runner.cell import CellRunner
from bisectrix.runner.movers import moved
from bisectrix.runner.planning import PlannedCell
from bisectrix.runner.probing import Seen
from bisectrix.runner.schedule import CHECK_S
from bisectrix.runner.work import Work
from bisectrix.search.delta import Delta, DeltaAnswer
from bisectrix.search.question import Terms
from bisectrix.search.subsets import Changes

NAME_LENGTH = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One run of the good cell with some changes applied; `new` is False for one from the record."""

    changes: Changes
    seen: Seen
    new: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DeltaOutcome:
    """How the search ended; `answer` is None where it was interrupted."""

    answer: DeltaAnswer | None
    tried: tuple[Tried, ...]


class Mixer:
    """Makes the cells between a good and a bad one: every package as on the good side but for some changes.

    A package that only one side has is there because another one asks for it: it follows, and is no change of its own,
    unless nothing else differs.
    """

    def __init__(self, good: Work, bad: Work) -> None:
        """Number the packages that differ, sorted by name."""
        self._good = good
        self._old, self._new = dict(good.lock.packages), dict(bad.lock.packages)
        every = moved(good.lock, bad.lock)
        self.movers = tuple(mover for mover in every if mover.old and mover.new) or every
        self.followers = tuple(mover for mover in every if mover not in self.movers)

    def cell(self, changes: Changes) -> PlannedCell:
        """Return the cell with these changes applied; a package that must be absent is constrained away."""
        following = {mover.name: mover.old or mover.new for mover in self.followers}
        pins = {name: version for name, version in self._old.items() if name not in following}
        pins |= {self.movers[change].name: self.movers[change].new for change in changes}
        present = tuple(f"{name}=={version}" for name, version in sorted(pins.items()) if version)
        constraints = (
            *(f"{name}=={version}" for name, version in sorted(following.items())),
            *(f"{name}<0" for name, version in sorted(pins.items()) if not version),
        )
        return self._planned(present, constraints)

    def _planned(self, present: tuple[str, ...], constraints: tuple[str, ...]) -> PlannedCell:
        planned = self._good.planned
        repro = replace(planned.subject.repro, dependencies=(*planned.subject.repro.dependencies, *present))
        digest = hashlib.sha256("\n".join((*present, *constraints)).encode()).hexdigest()[:NAME_LENGTH]
        return replace(
            planned,
            subject=replace(planned.subject, repro=repro),
            matrix=replace(planned.matrix, name="delta", axes=(), constraints=constraints),
            cell=replace(planned.cell, coordinates=(("packages", digest), ("python", self._good.interpreter.minor))),
        )


class Difference:
    """Joins the search for a minimal set, which decides, and the runner, which does."""

    def __init__(
        self, runner: CellRunner, mixer: Mixer, terms: Terms, *, workers: int, tell: Callable[[Tried], None]
    ) -> None:
        """Keep `workers` runs going; `tell` hears of every run."""
        self._runner = runner
        self._mixer = mixer
        self._delta = Delta(len(mixer.movers), terms)
        self._workers = workers
        self._tell = tell
        self._tried: list[Tried] = []
        self._replayed: dict[Changes, int] = {}
        self._guard = threading.Lock()
        self._before: dict[str, tuple[Attempt, ...]] = {}

    def run(self, cancelled: threading.Event) -> DeltaOutcome:
        """Search until there is an answer; an interrupt from the keyboard ends the runs under way and is reported."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="delta") as pool:
            try:
                self._keep_going(pool)
            except BaseException as error:
                cancelled.set()
                if not isinstance(error, KeyboardInterrupt):
                    raise
        return DeltaOutcome(answer=self._delta.answer(), tried=tuple(self._tried))

    def _keep_going(self, pool: ThreadPoolExecutor) -> None:
        pending: dict[Future[Tried], Changes] = {}
        while True:
            for changes in self._delta.next_sets(tuple(pending.values()), self._workers):
                number = self._replayed.get(changes, 0)
                self._replayed[changes] = number + 1
                pending[pool.submit(self._try, changes, number)] = changes
            if not pending:
                return
            done, _ = wait(pending, timeout=CHECK_S, return_when=FIRST_COMPLETED)
            for future in done:
                pending.pop(future)
                self._take(future.result())

    def _try(self, changes: Changes, number: int) -> Tried:
        """Run a set once, or take the run of this number from the record."""
        work = self._runner.work(self._mixer.cell(changes))
        if isinstance(work, Unavailable):
            return Tried(changes=changes, seen=Seen(value=0, what=work), new=True)
        recorded = self._recorded_before(work)
        if number < len(recorded):
            return Tried(changes=changes, seen=Seen(value=0, what=recorded[number]), new=False)
        return Tried(changes=changes, seen=Seen(value=0, what=self._runner.once_more(work)), new=True)

    def _recorded_before(self, work: Work) -> tuple[Attempt, ...]:
        """Return what was on record of a cell before this search ran anything of it."""
        with self._guard:
            if work.key not in self._before:
                self._before[work.key] = self._runner.recorded(work)
            return self._before[work.key]

    def _take(self, tried: Tried) -> None:
        self._delta.record(tried.changes, tried.seen.observation, tried.seen.cost_s)
        self._tried.append(tried)
        self._tell(tried)
