"""A recorded cell run again, in a record of its own that is thrown away."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bisectrix.model.attempt import Attempt
from bisectrix.model.environment import Unavailable
from bisectrix.model.result import CellResult, Ran
from bisectrix.record.blobs import Blobs
from bisectrix.record.published import portable
from bisectrix.record.store import Store
from bisectrix.replay.compare import Comparison, compare
from bisectrix.replay.differences import machine_differences
from bisectrix.runner.cell import CellRunner, Policy
from bisectrix.runner.events import Observer
from bisectrix.runner.planning import ON_CURRENT_PYTHON, PlannedCell
from bisectrix.runner.remembered import Missing, NotHere, Remembered, recorded_venue, remember
from bisectrix.runner.tools import Tools
from bisectrix.runner.work import Work

KEY = "replay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How a cell is to be replayed.

    Attributes:
        times: attempts; 0 means as many as are recorded where those disagree, else one.
        nearest: take the nearest patch release where the recorded Python is missing.
        number: compare with this attempt alone; 0 means with all.
    """

    times: int = 0
    nearest: bool = False
    number: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """A cell that was run again.

    Attributes:
        recorded: the attempts that it is compared with.
        attempts: those made now.
        notes: what is not as it was, one clause each; none of it need matter.
    """

    result: CellResult
    recorded: tuple[Attempt, ...]
    attempts: tuple[Attempt, ...]
    comparison: Comparison
    notes: tuple[str, ...]


def replay(tools: Tools, result: CellResult, wanted: Wanted, observe: Observer) -> Replayed | NotHere:
    """Run a recorded cell again as it was run, and compare; nothing of it enters the record.

    Raises:
        StoppedError: the run was cancelled.
        InfraError: our side failed.
    """
    remembered = remember(tools, result)
    if isinstance(remembered, NotHere):
        return remembered
    found = recorded_venue(tools, remembered, nearest=wanted.nearest)
    if isinstance(found, NotHere):
        return found
    venue, remarks = found
    recorded = _attempts(result, wanted.number)
    times = wanted.times or (len(recorded) if len({one.verdict for one in recorded}) > 1 else 1)
    work = Work(
        planned=_planned(remembered, times),
        interpreter=venue.interpreter,
        image=venue.image,
        lock=remembered.lock,
        call=remembered.call,
        key=f"{KEY} {result.cell.name}",
    )
    made = _run(tools, work, observe)
    if isinstance(made, NotHere):
        return made
    again = _attempts(replace(result, state=replace(remembered.state, attempts=made)), 0)
    return Replayed(
        result=result,
        recorded=recorded,
        attempts=again,
        comparison=compare(recorded, again),
        notes=(*remembered.notes, *remarks, *machine_differences(recorded, again)),
    )


def _attempts(result: CellResult, number: int) -> tuple[Attempt, ...]:
    """Return all attempts, or the one of this number, as they would be published: paths of the machine shortened."""
    state = portable(result).state
    attempts = state.attempts if isinstance(state, Ran) else ()
    return tuple(attempt for attempt in attempts if number in {0, attempt.number})


def _planned(remembered: Remembered, times: int) -> PlannedCell:
    """Return the cell as something to run; of a matrix only the name matters where the invocation is known."""
    matrix = replace(ON_CURRENT_PYTHON, name=remembered.result.matrix)
    return PlannedCell(subject=remembered.subject, matrix=matrix, cell=remembered.result.cell, attempts=times)


def _run(tools: Tools, work: Work, observe: Observer) -> tuple[Attempt, ...] | NotHere:
    folder = tools.scratch.folder / KEY
    with Store.open(folder / "replay.db") as store:
        apart = replace(tools, store=store, blobs=Blobs(folder / "evidence"))
        run_id = store.begin_run(command=KEY, started_at=tools.now())
        runner = CellRunner(apart, run_id, policy=Policy(), jobs=1, observe=observe, cancelled=tools.cancelled)
        made: list[Attempt] = []
        for _ in range(work.planned.attempts):
            attempt = runner.once_more(work)
            if isinstance(attempt, Unavailable):
                return _packages_missing(attempt)
            made.append(attempt)
        return tuple(made)


def _packages_missing(unavailable: Unavailable) -> NotHere:
    return NotHere(missing=Missing.PACKAGES, explanation=unavailable.explanation, remedy=unavailable.remedy)
