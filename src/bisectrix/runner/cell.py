"""One cell: its lock, its environment, its attempts, its verdict, its record."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from bisectrix.environments.installer import MORE_TIME
from bisectrix.errors import RefusedError, TooSlowError
from bisectrix.judge.attempt import judge
from bisectrix.judge.cell import judge_cell
from bisectrix.matrix.request import cell_key, invocation, lock_request
from bisectrix.matrix.sources import from_sources
from bisectrix.model.attempt import Attempt, Evidence, Execution
from bisectrix.model.environment import Environment, Interpreter, Unavailable
from bisectrix.model.lock import Lock, LockRequest, Resolved, Unbuildable, Unsatisfiable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Ran, Skipped
from bisectrix.model.words import SkipReason
from bisectrix.runner.events import AttemptDone, CellDone, Observer, Reached
from bisectrix.runner.planning import PlannedCell, Subject
from bisectrix.runner.recipe import machine_of, recipe_of
from bisectrix.runner.room import OnThisMachine, Room, in_containers
from bisectrix.runner.slots import Slots
from bisectrix.runner.tools import Tools
from bisectrix.runner.turns import Turns
from bisectrix.runner.venue import Venue, find_venue, platform_text
from bisectrix.runner.work import Work, attempt_of, order_of
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.suite import run_suite

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What is done again although the record has it.

    Attributes:
        rerun: run attempts although they are recorded.
        relock: resolve although a lock is recorded.
    """

    rerun: bool = False
    relock: bool = False


class CellRunner:
    """Runs cells, each in the caller's thread; those that are the same thing share their attempts."""

    def __init__(
        self, tools: Tools, run_id: int, *, policy: Policy, jobs: int, observe: Observer, cancelled: threading.Event
    ) -> None:
        """Share `jobs` places between all cells, one kind for making environments and one for attempts."""
        self._tools = tools
        self._run_id = run_id
        self._policy = policy
        self._observe = observe
        self._cancelled = cancelled
        self._preparing = Slots(jobs, cancelled)
        self._running = Slots(jobs, cancelled)
        self._same = Turns()
        self._numbering = threading.Lock()
        self._started: Counter[str] = Counter()

    def run(self, planned: PlannedCell) -> CellResult:
        """Bring one cell to its result and record it.

        Raises:
            StoppedError: the run was cancelled; what was recorded until then stays.
            InfraError: our side failed; nothing is recorded of this cell but its finished attempts.
        """
        state, ran = self._state(planned)
        result = self.save(planned, state)
        self._observe(CellDone(result=result, ran=ran))
        return result

    def save(self, planned: PlannedCell, state: Ran | Unavailable) -> CellResult:
        """Judge what is known of a cell, and record it."""
        judgement = (
            Skipped(reason=state.reason, explanation=state.explanation)
            if isinstance(state, Unavailable)
            else judge_cell(state.attempts)
        )
        result = CellResult(
            cell=planned.cell,
            matrix=planned.matrix.name,
            repro_sha256=planned.subject.sha256,
            state=state,
            judgement=judgement,
            finished_at=self._timestamp(),
        )
        self._tools.store.save_result(self._run_id, result)
        return result

    def work(self, planned: PlannedCell) -> Work | Unavailable:
        """Find the interpreter and the lock of a cell, or say why it cannot be run."""
        venue = self._venue(planned)
        if isinstance(venue, Unavailable):
            return venue
        try:
            resolved = self._resolve(planned, venue)
        except TooSlowError as error:
            return Unavailable(reason=SkipReason.INSTALL_FAILED, explanation=error.message, remedy=MORE_TIME)
        match resolved:
            case Unsatisfiable():
                return Unavailable(reason=SkipReason.UNSATISFIABLE, explanation=resolved.explanation)
            case Unbuildable():
                return Unavailable(reason=SkipReason.UNBUILDABLE, explanation=resolved.explanation)
            case Lock():
                return self._work(planned, venue, resolved)

    def is_resolved(self, planned: PlannedCell) -> bool:
        """Say whether `work` answers from what is recorded, without asking the resolver."""
        venue = self._venue(planned)
        if isinstance(venue, Unavailable):
            return True
        return self._tools.locks.get(planned.cell.repro, self._request(planned, venue)) is not None

    def known_cells(self, subject: Subject) -> frozenset[Cell]:
        """Return the cells of a repro, as it is now, that were run before."""
        results = self._tools.store.results(subject.repro.name)
        return frozenset(
            result.cell for result in results if isinstance(result.state, Ran) and result.repro_sha256 == subject.sha256
        )

    def recorded(self, work: Work) -> tuple[Attempt, ...]:
        """Return the attempts on record of a cell, by number."""
        return self._tools.store.attempts(work.key)

    def placed(self, work: Work) -> tuple[tuple[int, Attempt], ...]:
        """Return the same, each behind its place among all that were ever recorded here."""
        return self._tools.store.placed_attempts(work.key)

    def aside(self, stop: threading.Event) -> CellRunner:
        """Return one that takes no place from the cells of this one, and that ends with `stop`; for making only."""
        uv = replace(self._tools.uv, cancelled=stop)
        tools = replace(self._tools, cancelled=stop, uv=uv, pool=self._tools.pool.beside(uv))
        other = CellRunner(tools, self._run_id, policy=self._policy, jobs=1, observe=lambda _: None, cancelled=stop)
        other._same = self._same
        return other

    def is_made(self, work: Work) -> bool:
        """Say whether the environment of a cell exists."""
        pool = self._tools.pool if work.image is None else self._tools.containers.pool(work.image)
        return pool.has(work.lock, work.interpreter)

    def make(self, work: Work) -> Unavailable | None:
        """Make the environment of a cell where there is none; returns why there can be none."""
        with self._environment(work) as environment:
            return environment if isinstance(environment, Unavailable) else None

    def once_more(self, work: Work) -> Attempt | Unavailable:
        """Run one attempt more than are on record, beside others of the same cell if need be, and record it."""
        return self._with_room(
            work,
            1,
            lambda room: self._attempt(work, room, self._place(work), lambda: len(self.recorded(work)) + 1),
        )

    def ran(self, work: Work, attempts: tuple[Attempt, ...]) -> Ran:
        """Return what there is to say of a cell that was run."""
        return Ran(
            key=work.key,
            lock_sha256=work.lock.sha256,
            packages=work.lock.packages,
            python=work.interpreter.version,
            platform=platform_text(self._tools.platform, work.image),
            attempts=attempts,
            recipe=recipe_of(self._tools, work.planned.subject, work.call),
        )

    def _state(self, planned: PlannedCell) -> tuple[Ran | Unavailable, int]:
        work = self.work(planned)
        if isinstance(work, Unavailable):
            return work, 0
        with self._same.turn(work.key) as first:
            recorded = () if self._policy.rerun and first else self.recorded(work)
            made = self._make(work, range(len(recorded) + 1, planned.attempts + 1))
        if isinstance(made, Unavailable):
            return made, 0
        return self.ran(work, (*recorded, *made)), len(made)

    def _venue(self, planned: PlannedCell) -> Venue | Unavailable:
        return find_venue(self._tools, planned)

    def _request(self, planned: PlannedCell, venue: Venue) -> LockRequest:
        python, platform = venue.interpreter.minor, venue.resolved_for(self._tools.platform)
        released = lock_request(planned.subject.repro, planned.matrix, planned.cell, python=python, platform=platform)
        return from_sources(released, planned.sources)

    def _resolve(self, planned: PlannedCell, venue: Venue) -> Resolved:
        request, interpreter = self._request(planned, venue), venue.interpreter
        if any(source.is_local for source in planned.sources):  # nobody else could use such a lock: it is not recorded
            return self._ask(planned, interpreter, request)
        with self._same.turn(request.sha256) as first:
            known = None if self._policy.relock and first else self._tools.locks.get(planned.cell.repro, request)
            return known or self._resolve_anew(planned, interpreter, request)

    def _resolve_anew(self, planned: PlannedCell, interpreter: Interpreter, request: LockRequest) -> Resolved:
        resolved = self._ask(planned, interpreter, request)
        self._tools.locks.put(planned.cell.repro, planned.cell, request, resolved)
        return resolved

    def _ask(self, planned: PlannedCell, interpreter: Interpreter, request: LockRequest) -> Resolved:
        with self._preparing.hold():
            self._observe(Reached(cell=planned.cell, step="resolving"))
            install_s = planned.subject.repro.limits.install_s
            return self._tools.uv.resolve(request, interpreter, within_s=install_s)

    def _work(self, planned: PlannedCell, venue: Venue, lock: Lock) -> Work:
        call = invocation(planned.subject.repro, planned.matrix, planned.cell)
        key = cell_key(
            repro_sha256=planned.subject.sha256,
            lock_sha256=lock.sha256,
            interpreter_version=venue.interpreter.version,
            platform=venue.identity(self._tools.platform),
            invocation=call,
        )
        return Work(planned=planned, interpreter=venue.interpreter, image=venue.image, lock=lock, call=call, key=key)

    def _make(self, work: Work, numbers: range) -> tuple[Attempt, ...] | Unavailable:
        if not numbers:
            return ()
        return self._with_room(
            work,
            len(numbers),
            lambda room: tuple(self._attempt(work, room, number, partial(int, number)) for number in numbers),
        )

    def _with_room(self, work: Work, attempts: int, run: Callable[[Room], T]) -> T | Unavailable:
        """Run something in the environment of a cell; returns why there is none, or why it was refused."""
        with self._environment(work) as environment:
            if isinstance(environment, Unavailable):
                return environment
            with self._room(work, environment, attempts) as room:
                try:
                    return run(room)
                except RefusedError as refused:
                    return Unavailable(reason=SkipReason.NO_ENGINE, explanation=refused.message, remedy=refused.hint)

    @contextmanager
    def _environment(self, work: Work) -> Iterator[Environment | Unavailable]:
        with ExitStack() as held:
            with self._preparing.hold():
                self._observe(Reached(cell=work.planned.cell, step="installing"))
                environment = held.enter_context(self._hold(work))
            yield environment

    def _hold(self, work: Work) -> AbstractContextManager[Environment | Unavailable]:
        install_s = work.planned.subject.repro.limits.install_s
        if work.image is not None:
            return self._tools.containers.hold(work.image, work.lock, work.interpreter, install_s=install_s)
        return self._tools.pool.hold(work.lock, work.interpreter, install_s=install_s)

    def _room(self, work: Work, environment: Environment, attempts: int) -> AbstractContextManager[Room]:
        supervise = partial(self._tools.supervisor.run, cancelled=self._cancelled)
        if work.image is None:
            return nullcontext(OnThisMachine(environment=environment, supervise=supervise))
        supply = self._tools.containers.supply(work.image, environment, work.planned.subject.repro, attempts)
        return in_containers(environment, supply, supervise)

    def _place(self, work: Work) -> int:
        """Return the place of an attempt that starts now among all of its cell, also those that have not ended."""
        with self._numbering:
            self._started[work.key] = max(len(self.recorded(work)), self._started[work.key]) + 1
            return self._started[work.key]

    def _attempt(self, work: Work, room: Room, place: int, number: Callable[[], int]) -> Attempt:
        """Run one attempt and record it.

        Args:
            work: its cell.
            room: where it runs.
            place: its own number, which it is told.
            number: under which it is recorded, asked when it is done, so that numbers leave no gap.
        """
        cell, subject = work.planned.cell, work.planned.subject
        with self._running.hold() as (load, set_idle), self._tools.scratch.attempt(subject.files) as folder:

            def on_pulse(pulse: Pulse) -> None:
                idle = pulse is Pulse.IDLE
                set_idle(idle)
                self._observe(Reached(cell=cell, step="idle" if idle else "running"))

            self._observe(Reached(cell=cell, step="running"))
            started_at, machine = self._timestamp(), machine_of(work.interpreter, work.image)
            execution = self._execute(order_of(work, room, folder, place), partial(room.run, on_pulse=on_pulse))
            judged = judge(subject.repro.bug, execution, is_suite=bool(subject.repro.tests))
            evidence = self._keep(execution)
            with self._numbering:
                attempt = attempt_of(
                    execution, judged, number=number(), load=load, started_at=started_at, evidence=evidence
                )
                attempt = replace(attempt, machine=machine)
                self._tools.store.save_attempt(
                    self._run_id, cell, work.planned.matrix.name, work.key, subject.sha256, attempt
                )
        self._observe(AttemptDone(cell=cell, attempt=attempt))
        return attempt

    def _execute(self, order: Order, supervise: Callable[[Order], Execution]) -> Execution:
        return run_suite(supervise, order, redact=self._tools.settings.redactor) if order.tests else supervise(order)

    def _keep(self, execution: Execution) -> tuple[Evidence, ...]:
        return tuple(self._tools.blobs.put(file.kind, file.path) for file in execution.evidence)

    def _timestamp(self) -> str:
        return self._tools.now().isoformat(timespec="seconds").replace("+00:00", "Z")
