"""A cell that can be run: what its attempts are asked to do, and what is recorded of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bisectrix.environments.variables import cell_variables
from bisectrix.judge.attempt import Judged
from bisectrix.matrix.request import Invocation
from bisectrix.model.attempt import Attempt, Evidence, Execution
from bisectrix.model.environment import Environment, Image, Interpreter
from bisectrix.model.lock import Lock
from bisectrix.model.words import Stage
from bisectrix.runner.planning import PlannedCell
from bisectrix.runner.room import Room
from bisectrix.supervise.instrument import probe_variables
from bisectrix.supervise.order import Order
from bisectrix.supervise.suite import pytest_argv

ATTEMPT = "BISECTRIX_ATTEMPT"
"""The variable that tells an attempt its number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A cell that can be run: all that decides its outcome; equal keys are the same thing; without an image, here."""

    planned: PlannedCell
    interpreter: Interpreter
    lock: Lock
    call: Invocation
    key: str
    image: Image | None = None


def order_of(work: Work, room: Room, folder: Path, place: int) -> Order:
    """Say what one attempt is to do.

    Args:
        work: its cell.
        room: where it runs.
        folder: its own, with the files of the repro.
        place: its number among all of the cell, which it is told.
    """
    repro = work.planned.subject.repro
    order = Order(
        argv=_argv(work, room.environment),
        env=(),
        cwd=(room.inside or folder) / "work",
        scratch=folder,
        evidence_dir=folder / "evidence",
        limits=repro.limits,
        ready=repro.ready,
        tests=bool(repro.tests),
        native_stacks=repro.native_stacks,
        network=repro.network,
        trusted=repro.trusted,
        inside=room.inside,
    )
    extra = {ATTEMPT: str(place), **dict(work.call.env), **probe_variables(order)}
    variables = cell_variables(room.environment, folder, extra, inside=room.inside)
    return replace(order, env=tuple(variables.items()))


def _argv(work: Work, environment: Environment) -> tuple[str, ...]:
    repro, python = work.planned.subject.repro, str(environment.python)
    if repro.tests:
        return (*pytest_argv(python, repro.tests), *work.call.args)
    return (python, *(repro.command or (repro.path.name,)), *work.call.args)


def attempt_of(
    execution: Execution, judged: Judged, *, number: int, load: int, started_at: str, evidence: tuple[Evidence, ...]
) -> Attempt:
    """Return what is recorded of an attempt."""
    return Attempt(
        number=number,
        stage=Stage.RUN,
        ending=execution.ending,
        outcome=judged.outcome,
        verdict=judged.verdict,
        summary=judged.summary,
        signature=judged.signature,
        chain=judged.chain,
        duration_s=execution.duration_s,
        cpu_s=execution.cpu_s,
        peak_memory_mib=execution.peak_memory_mib,
        load=load,
        started_at=started_at,
        leaked=execution.leaked,
        tests=execution.tests,
        evidence=evidence,
        contained=execution.contained,
        printed=judged.printed,
    )
