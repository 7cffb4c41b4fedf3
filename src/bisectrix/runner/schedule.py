"""Many cells at once: in order, each in a thread of its own, until all are done or somebody says stop."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from bisectrix.errors import BisectrixError, StoreError
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Decided
from bisectrix.model.words import Verdict
from bisectrix.runner.events import CellFailed, Observer
from bisectrix.runner.planning import PlannedCell
from bisectrix.runner.slots import StoppedError
from bisectrix.supervise.cancelled import Cancelled

WAITING_PER_JOB = 8
"""Cells under way for each job: most of them wait for a place, for an environment, or for a hang to be sure."""

CHECK_S = 0.2

STOPPED = (StoppedError, Cancelled)


class RunsCells(Protocol):
    """Brings one cell to its result, in the caller's thread; `CellRunner` is the one of the product."""

    def run(self, planned: PlannedCell) -> CellResult:
        """Return the result, already recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """How a run went; `results` in the order of the plan, `interrupted` when it was stopped by a person."""

    results: tuple[CellResult, ...]
    failures: tuple[tuple[Cell, BisectrixError], ...]
    interrupted: bool


def run_cells(
    runner: RunsCells,
    cells: Sequence[PlannedCell],
    *,
    jobs: int,
    stop_at_bad: bool,
    observe: Observer,
    cancelled: threading.Event,
) -> Report:
    """Run `cells` and wait for them; an interrupt from the keyboard stops them cleanly and is reported.

    Args:
        runner: what runs one.
        cells: in the order in which they start.
        jobs: attempts that may be busy at once.
        stop_at_bad: stop as soon as one cell is bad.
        observe: told of cells on which our side failed.
        cancelled: set here to stop, and the runner's own.
    """
    interrupted = False
    with ThreadPoolExecutor(max_workers=jobs * WAITING_PER_JOB, thread_name_prefix="cell") as pool:
        futures = {pool.submit(_run, runner, planned, observe): planned.cell for planned in cells}
        try:
            for done in _as_they_end(futures):
                if _ends_the_run(done, stop_at_bad=stop_at_bad):
                    _stop(futures, cancelled)
        except KeyboardInterrupt:
            interrupted = True
            _stop(futures, cancelled)
    ended = [(cell, future) for future, cell in futures.items() if not future.cancelled()]
    return Report(
        results=tuple(future.result() for _, future in ended if future.exception() is None),
        failures=tuple((cell, error) for cell, future in ended if (error := _failure(future)) is not None),
        interrupted=interrupted,
    )


def _run(runner: RunsCells, planned: PlannedCell, observe: Observer) -> CellResult:
    try:
        return runner.run(planned)
    except STOPPED:
        raise
    except BisectrixError as error:
        observe(CellFailed(cell=planned.cell, error=error))
        raise


def _as_they_end(futures: Iterable[Future[CellResult]]) -> Iterator[Future[CellResult]]:
    """Yield each future when it ended, waking often enough for an interrupt to be seen."""
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=CHECK_S, return_when=FIRST_COMPLETED)
        yield from done


def _ends_the_run(future: Future[CellResult], *, stop_at_bad: bool) -> bool:
    if future.cancelled():
        return False
    error = future.exception()
    if error is not None:
        return isinstance(error, StoreError)
    return stop_at_bad and is_bad(future.result())


def is_bad(result: CellResult) -> bool:
    """Say whether the cell showed the declared bug."""
    return isinstance(result.judgement, Decided) and result.judgement.verdict is Verdict.BAD


def _failure(future: Future[CellResult]) -> BisectrixError | None:
    """Return the failure of our side that ended a cell, None where there is none or it was only stopped.

    Raises:
        BaseException: what is no error of ours but a mistake in the program.
    """
    error = future.exception()
    if error is None or isinstance(error, STOPPED):
        return None
    if isinstance(error, BisectrixError):
        return error
    raise error


def _stop(futures: Iterable[Future[CellResult]], cancelled: threading.Event) -> None:
    cancelled.set()
    for future in futures:
        future.cancel()
