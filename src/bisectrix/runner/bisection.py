"""A search that runs: probes go out as long as there are idle workers, and each answer decides the next."""

from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from random import Random
from typing import Protocol

from bisectrix.runner.ahead import Ahead
from bisectrix.runner.probing import Prober, Seen
from bisectrix.runner.schedule import CHECK_S
from bisectrix.search.answers import Answer
from bisectrix.search.driver import Probe, Search
from bisectrix.search.outlook import Outlook
from bisectrix.search.question import Question, Terms
from bisectrix.search.side import Purpose

SEED = 0
"""The dice only choose among probes that run at the same time; a fixed seed makes a resumed search the same search."""

AHEAD = 2
"""Probes beyond those that run whose environments are worth making: either outcome of one under way leads to one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One run that was taken in.

    Attributes:
        probe: what was asked for.
        new: it was run now; else it was on record.
        outlook: what is known after it.
    """

    probe: Probe
    seen: Seen
    new: bool
    outlook: Outlook


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a search ended; `answer` is None where it was interrupted."""

    answer: Answer | None
    outlook: Outlook
    steps: tuple[Step, ...]
    interrupted: bool


class Watcher(Protocol):
    """Somebody who is told of a search, always by the thread that runs it."""

    def began(self, probe: Probe) -> None:
        """Hear of a run that begins."""

    def ended(self, step: Step) -> None:
        """Hear of a run that was taken in, in the order in which that happens."""


class Bisection:
    """Joins the search, which decides, and the prober, which does."""

    def __init__(self, prober: Prober, question: Question, terms: Terms, *, workers: int, watcher: Watcher) -> None:
        """Keep `workers` runs going."""
        self._prober = prober
        self._question = question
        self._search = Search(question, terms, Random(SEED))  # noqa: S311  (no secret hangs on it)
        self._workers = workers
        self._watcher = watcher
        self._steps: list[Step] = []

    def run(self, cancelled: threading.Event) -> Outcome:
        """Search until there is an answer; an interrupt from the keyboard ends the runs under way and is reported.

        Raises:
            InfraError: our side failed; what was recorded until then counts next time.
        """
        interrupted = False
        for seen in self._prober.recorded():
            self._take(Probe(value=seen.value, purpose=Purpose.SEARCH), seen, new=False)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="probe") as pool:
            try:
                with Ahead(self._prober) as ahead:
                    self._keep_going(pool, ahead)
            except BaseException as error:
                cancelled.set()
                interrupted = isinstance(error, KeyboardInterrupt)
                if not interrupted:
                    raise
        return Outcome(
            answer=self._search.answer(),
            outlook=self._search.outlook,
            steps=tuple(self._steps),
            interrupted=interrupted,
        )

    def _keep_going(self, pool: ThreadPoolExecutor, ahead: Ahead) -> None:
        pending: dict[Future[Seen], Probe] = {}
        while True:
            for probe in self._next(pending.values(), self._workers):
                self._watcher.began(probe)
                pending[pool.submit(self._prober.probe, probe.value)] = probe
            if not pending:
                return
            ahead.offer([probe.value for probe in self._next(pending.values(), self._workers + AHEAD)])
            for future in _first_done(pending):
                self._take(pending.pop(future), future.result(), new=True)

    def _next(self, pending: Collection[Probe], workers: int) -> tuple[Probe, ...]:
        return self._search.next_probes(tuple(pending), workers, self._prober.made)

    def _take(self, probe: Probe, seen: Seen, *, new: bool) -> None:
        if seen.build_s is not None:
            self._search.record_build(seen.build_s)
        self._search.record(probe, seen.observation, seen.cost_s)
        step = Step(probe=probe, seen=seen, new=new, outlook=self._search.outlook)
        self._steps.append(step)
        self._watcher.ended(step)


def _first_done(pending: Collection[Future[Seen]]) -> set[Future[Seen]]:
    """Wait until one has ended, waking often enough for an interrupt to be seen."""
    done: set[Future[Seen]] = set()
    while not done:
        done, _ = wait(pending, timeout=CHECK_S, return_when=FIRST_COMPLETED)
    return done
