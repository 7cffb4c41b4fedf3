"""One run of one value of a line: which cell stands for it, what is recorded of it, what a run shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Self

from bisectrix.judge.shown import of_this_face
from bisectrix.model.attempt import Attempt
from bisectrix.model.bisection import Pins
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.words import AxisKind, SkipReason, Verdict
from bisectrix.runner.cell import CellRunner
from bisectrix.runner.lines import Line
from bisectrix.runner.planning import PlannedCell
from bisectrix.runner.work import Work
from bisectrix.search.crossing import Contrast
from bisectrix.search.question import Terms
from bisectrix.search.state import Observation, Tally


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What one run showed, or why there was none.

    Attributes:
        value: index on the line.
        build_s: seconds that resolving and making the environment took; None where it was there.
    """

    value: int
    what: Attempt | Unavailable
    build_s: float | None = None

    @property
    def observation(self) -> Observation:
        """What it says to the search."""
        if isinstance(self.what, Unavailable):
            return Observation.UNTESTABLE
        match self.what.verdict:
            case Verdict.GOOD:
                return Observation.GOOD
            case Verdict.BAD:
                return Observation.BAD
            case Verdict.SKIP:
                return Observation.OTHER_FAILURE

    @property
    def cost_s(self) -> float:
        """Seconds the run took."""
        return 0.0 if isinstance(self.what, Unavailable) else self.what.duration_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossed:
    """What the runs of a cross came to; `said` is what the last one said, or why it came to nothing."""

    verdict: Verdict
    said: str


class Prober:
    """Runs values of a line, with all other packages held as the anchor has them wherever that can be resolved."""

    def __init__(self, runner: CellRunner, line: Line, anchor: str, held: Pins = (), *, shows: str = "") -> None:
        """Hold what the lock of `anchor` has, a value of the line; empty lets the resolver choose the value.

        With `held`, from a search along another line, the anchor is a value of that one, and nothing is prepared.
        With `shows` only the face of the bug that this expression finds counts as bad.
        """
        self._runner = runner
        self._line = line
        self._anchor = anchor
        self._works: dict[int, tuple[PlannedCell, Work | Unavailable]] = {}
        self._guards = [threading.Lock() for _ in line.values]
        self._made: set[int] = set()
        self._held = held
        self._shows = shows

    def prepare(self) -> Work | Unavailable:
        """Resolve the anchor, whose packages are then held; returns what was resolved."""
        work = self._runner.work(self._line.cell(self._anchor))
        if isinstance(work, Work) and self._line.kind is AxisKind.PACKAGE:
            self._held = tuple(pin for pin in work.lock.packages if pin[0] != self._line.axis)
        return work

    def along(self, line: Line) -> Prober:
        """Return one for another line, with the same packages held."""
        return Prober(self._runner, line, self._anchor, self._held, shows=self._shows)

    def recorded(self) -> Iterator[Seen]:
        """Yield what earlier runs recorded of the line, in the order in which it happened.

        Values with the same lock are the same thing: their runs count once, for the oldest of them.
        """
        first_of: dict[str, int] = {}
        known = self._runner.known_cells(self._line.ground.subject)
        values = (value for value in range(len(self._line.values)) if self._is_resolved(value, known))
        works = {value: self.work(value)[1] for value in values}
        for value, work in works.items():
            if isinstance(work, Work):
                first_of.setdefault(work.key, value)
                if self._runner.is_made(work):
                    self._made.add(value)
        seen = [
            (place, self._seen(value, what))
            for value, work in works.items()
            if isinstance(work, Unavailable) or first_of[work.key] == value
            for place, what in self._known(work)
        ]
        yield from (each for _, each in sorted(seen, key=lambda pair: pair[0]))

    def probe(self, value: int) -> Seen:
        """Run one value once, and record it."""
        began_s = time.monotonic()
        was_there = value in self._made
        refused = self.make(value)
        build_s = None if was_there else time.monotonic() - began_s
        planned, work = self.work(value)
        what = refused or (work if isinstance(work, Unavailable) else self._runner.once_more(work))
        if isinstance(what, Unavailable):
            self._runner.save(planned, what)
        elif isinstance(work, Work):
            self._runner.save(planned, self._runner.ran(work, self._runner.recorded(work)))
        return self._seen(value, what, build_s)

    def make(self, value: int) -> Unavailable | None:
        """Resolve a value and make its environment where there is none; returns why it cannot be run."""
        work = self.work(value)[1]
        if isinstance(work, Unavailable):
            return work
        refused = None if self._runner.is_made(work) else self._runner.make(work)
        if refused is None:
            self._made.add(value)
        return refused

    @property
    def made(self) -> frozenset[int]:
        """The values whose environments are known to exist."""
        return frozenset(self._made)

    def aside(self, stop: threading.Event) -> Self:
        """Return one that shares what is known, for making environments beside the runs; `stop` ends it."""
        other = copy(self)
        other._runner = self._runner.aside(stop)  # noqa: SLF001  (its own class)
        return other

    def cross(self, value: int, others_of: int, contrast: Contrast) -> Crossed:
        """Run one value with exactly the packages that another value was run with, until it is clear what that is.

        Args:
            value: what is run.
            others_of: whose packages it is run with.
            contrast: how often the bug shows on either side; runs on record count.
        """
        work = self._crossed(value, others_of)
        if isinstance(work, Unavailable):
            return Crossed(verdict=Verdict.SKIP, said=_one_line(work.explanation))
        tally, last = Tally(), ""
        for seen in self._up_to(contrast.most_runs, work):
            if isinstance(seen.what, Unavailable):
                return Crossed(verdict=Verdict.SKIP, said=_one_line(seen.what.explanation))
            tally, last = tally.plus(seen.observation), seen.what.summary
            is_bad = contrast.is_bad(tally)
            if is_bad is not None:
                return Crossed(verdict=Verdict.BAD if is_bad else Verdict.GOOD, said=last)
            if tally.other >= Terms().patience and not tally.evidence:
                return Crossed(verdict=Verdict.SKIP, said=last)
        return Crossed(
            verdict=Verdict.SKIP, said=f"in {tally.evidence} runs it showed {tally.bad} times, neither often nor rarely"
        )

    def _crossed(self, value: int, others_of: int) -> Work | Unavailable:
        """Return what is run for a cross, unless it brings other packages with it."""
        other = self.work(others_of)[1]
        if isinstance(other, Unavailable):
            return other
        planned = self._line.crossed(self._line.values[value], other.lock.packages, self._line.values[others_of])
        work = self._runner.work(planned)
        if isinstance(work, Unavailable):
            return work
        if self._others(work) != self._others(other):
            return self._brings(value, self._others(work) - self._others(other))
        return work

    def work(self, value: int) -> tuple[PlannedCell, Work | Unavailable]:
        """Return the cell of a value and its lock: others held if that can be resolved, else free."""
        with self._guards[value]:
            if value not in self._works:
                self._works[value] = self._resolved(value)
            return self._works[value]

    def is_held(self, value: int) -> bool:
        """Say whether the other packages could be held at this value."""
        return self.work(value)[0] == self._cell(value, held=True)

    def _known(self, work: Work | Unavailable) -> Sequence[tuple[int, Attempt | Unavailable]]:
        """Return what is known of a value, each behind its place; what cannot be run was known before all else."""
        return ((0, work),) if isinstance(work, Unavailable) else self._runner.placed(work)

    def _up_to(self, runs: int, work: Work) -> Iterator[Seen]:
        """Yield the runs on record, then new ones."""
        recorded = self._runner.recorded(work)
        yield from (self._seen(0, attempt) for attempt in recorded)
        for _ in range(runs - len(recorded)):
            yield self._seen(0, self._runner.once_more(work))

    def _seen(self, value: int, what: Attempt | Unavailable, build_s: float | None = None) -> Seen:
        told = of_this_face(self._shows, what) if isinstance(what, Attempt) else what
        return Seen(value=value, what=told, build_s=build_s)

    def _others(self, work: Work) -> set[tuple[str, str]]:
        return {pin for pin in work.lock.packages if pin[0] != self._line.axis}

    def _brings(self, value: int, pins: set[tuple[str, str]]) -> Unavailable:
        told = ", ".join(" ".join(pin) for pin in sorted(pins)) or "other packages"
        return Unavailable(
            reason=SkipReason.UNSATISFIABLE,
            explanation=f"{self._line.axis} {self._line.values[value]} comes with {told}",
        )

    def _resolved(self, value: int) -> tuple[PlannedCell, Work | Unavailable]:
        held = self._cell(value, held=True)
        work = self._runner.work(held)
        if not self._held or not _is_unsatisfiable(work):
            return held, work
        free = self._cell(value, held=False)
        return free, self._runner.work(free)

    def _is_resolved(self, value: int, known: Collection[Cell]) -> bool:
        """Say whether looking for records of a value is worth it: it costs nothing, or there are some."""
        held, free = self._cell(value, held=True), self._cell(value, held=False)
        if held.cell in known or free.cell in known:
            return True
        if not self._runner.is_resolved(held):
            return False
        return not _is_unsatisfiable(self._runner.work(held)) or self._runner.is_resolved(free)

    def _cell(self, value: int, *, held: bool) -> PlannedCell:
        return self._line.cell(
            self._line.values[value], held=self._held if held else (), anchor=self._anchor if held else ""
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_unsatisfiable(work: Work | Unavailable) -> bool:
    return isinstance(work, Unavailable) and work.reason is SkipReason.UNSATISFIABLE
