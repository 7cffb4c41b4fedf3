"""One run of one value of a line: which cell stands for it, what is recorded of it, what a run shows."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bisectrix.model.attempt import Attempt
from bisectrix.model.bisection import Pins
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.words import AxisKind, SkipReason, Verdict
from bisectrix.runner.cell import CellRunner, Work
from bisectrix.runner.lines import Line
from bisectrix.runner.planning import PlannedCell
from bisectrix.search.state import Observation


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What one run showed, or why there was none.

    Attributes:
        value: index on the line.
    """

    value: int
    what: Attempt | Unavailable

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


class Prober:
    """Runs values of a line, with all other packages held as the anchor has them wherever that can be resolved."""

    def __init__(self, runner: CellRunner, line: Line, anchor: str, held: Pins = ()) -> None:
        """Hold what the lock of `anchor` has, a value of the line; empty lets the resolver choose the value.

        With `held`, from a search along another line, the anchor is a value of that one, and nothing is prepared.
        """
        self._runner = runner
        self._line = line
        self._anchor = anchor
        self._works: dict[int, tuple[PlannedCell, Work | Unavailable]] = {}
        self._guards = [threading.Lock() for _ in line.values]
        self._held = held

    def prepare(self) -> Work | Unavailable:
        """Resolve the anchor, whose packages are then held; returns what was resolved."""
        work = self._runner.work(self._line.cell(self._anchor))
        if isinstance(work, Work) and self._line.kind is AxisKind.PACKAGE:
            self._held = tuple(pin for pin in work.lock.packages if pin[0] != self._line.axis)
        return work

    def along(self, line: Line) -> Prober:
        """Return one for another line, with the same packages held."""
        return Prober(self._runner, line, self._anchor, self._held)

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
        seen = [
            Seen(value=value, what=what)
            for value, work in works.items()
            if isinstance(work, Unavailable) or first_of[work.key] == value
            for what in self._known(work)
        ]
        yield from sorted(seen, key=_when)

    def probe(self, value: int) -> Seen:
        """Run one value once, and record it."""
        planned, work = self.work(value)
        what = work if isinstance(work, Unavailable) else self._runner.once_more(work)
        if isinstance(what, Unavailable):
            self._runner.save(planned, what)
        elif isinstance(work, Work):
            self._runner.save(planned, self._runner.ran(work, self._runner.recorded(work)))
        return Seen(value=value, what=what)

    def cross(self, value: int, others_of: int, *, runs: int) -> Attempt | Unavailable:
        """Run one value with exactly the packages that another value was run with, until it shows the bug.

        Args:
            value: what is run.
            others_of: whose packages it is run with.
            runs: how many there may be; those on record count.

        Returns:
            The run that showed the bug, else the last one; or why there is none.
        """
        other = self.work(others_of)[1]
        if isinstance(other, Unavailable):
            return other
        planned = self._line.crossed(self._line.values[value], other.lock.packages, self._line.values[others_of])
        work = self._runner.work(planned)
        if isinstance(work, Unavailable):
            return work
        if self._others(work) != self._others(other):
            return self._brings(value, self._others(work) - self._others(other))
        seen: list[Attempt] = []
        for attempt in self._up_to(runs, work):
            if isinstance(attempt, Unavailable):
                return attempt
            seen.append(attempt)
            if attempt.verdict is Verdict.BAD:
                break
        return seen[-1]

    def work(self, value: int) -> tuple[PlannedCell, Work | Unavailable]:
        """Return the cell of a value and its lock: others held if that can be resolved, else free."""
        with self._guards[value]:
            if value not in self._works:
                self._works[value] = self._resolved(value)
            return self._works[value]

    def is_held(self, value: int) -> bool:
        """Say whether the other packages could be held at this value."""
        return self.work(value)[0] == self._cell(value, held=True)

    def _known(self, work: Work | Unavailable) -> tuple[Attempt | Unavailable, ...]:
        return (work,) if isinstance(work, Unavailable) else self._runner.recorded(work)

    def _up_to(self, runs: int, work: Work) -> Iterator[Attempt | Unavailable]:
        """Yield the runs on record, then new ones."""
        recorded = self._runner.recorded(work)
        yield from recorded
        for _ in range(runs - len(recorded)):
            yield self._runner.once_more(work)

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


def _is_unsatisfiable(work: Work | Unavailable) -> bool:
    return isinstance(work, Unavailable) and work.reason is SkipReason.UNSATISFIABLE


def _when(seen: Seen) -> str:
    return "" if isinstance(seen.what, Unavailable) else seen.what.started_at
