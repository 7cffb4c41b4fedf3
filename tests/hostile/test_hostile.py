"""Programs that try to mislead, to escape, to take everything: each comes to what the table says and leaves nothing."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.judge.attempt import judge
from bisectrix.model.attempt import Blocked, Execution
from bisectrix.model.repro import Bug, Limits
from bisectrix.model.words import BugKind, ContainmentKind, HangGrade
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.supervisor import Supervisor
from support.audit import Audit
from support.hostile import REFUSED, SOME, Expected, expectations, outer_pid_namespace, words
from support.outer import Outer, outer_bound
from support.outside import acting

LIMITS = {"startup_s": 60, "deadline_s": 60, "quiet_s": 5}
"""What wakes by itself does so after four seconds: whoever claims anything in less has no proof."""

BUG = Bug(kind=BugKind.HANG)
SECRET = "correct-horse-battery"  # noqa: S105 - what the programs tell


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarded:
    """A supervisor with all that it starts in a bound, and where it puts what it needs for a moment."""

    supervisor: Supervisor
    open_supervisor: Supervisor
    outer: Outer | None
    temporary: Path
    watchers: frozenset[int]


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    temporary = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch, outer_bound() as outer:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        with (
            Supervisor(redact=lambda text: text.replace(SECRET, "***")) as supervisor,
            Supervisor(containment=ContainmentKind.SUBREAPER) as open_supervisor,
        ):
            zygotes = frozenset(map(zygote_of, (supervisor, open_supervisor)))
            for zygote in zygotes:
                if outer:
                    outer.take_in(zygote)
            yield Guarded(
                supervisor=supervisor,
                open_supervisor=open_supervisor,
                outer=outer,
                temporary=temporary,
                watchers=zygotes,
            )


def zygote_of(supervisor: Supervisor) -> int:
    running = supervisor._launcher._zygote
    assert running is not None
    return running._process.pid


@pytest.mark.parametrize(
    "expected",
    [pytest.param(each, id=each.name, marks=() if each.quick else pytest.mark.slow) for each in expectations()],
)
def test_a_hostile_program_comes_to_what_it_must_and_leaves_nothing(
    guarded: Guarded, expected: Expected, tmp_path: Path
) -> None:
    if expected.missing:
        pytest.skip(f"there is no {expected.missing} here")
    order, audit = prepared(guarded, expected, tmp_path)

    with refusal(expected):
        execution = carried_out(supervisor_for(guarded, expected), order, expected, audit.mark)
        check(expected, execution)

    assert audit.findings() == []


def supervisor_for(guarded: Guarded, expected: Expected) -> Supervisor:
    """Return one that keeps out of sight, except for programs that are to reach those who watch them."""
    return guarded.open_supervisor if expected.ending == REFUSED else guarded.supervisor


def prepared(guarded: Guarded, expected: Expected, folder: Path) -> tuple[Order, Audit]:
    value, key = secrets.token_hex(8), secrets.randbits(30) | 1
    told = {"CELL_MARK": value, "CELL_KEY": str(key), "TOLD": SECRET, "OUTER_PID_NAMESPACE": outer_pid_namespace()}
    bounded = {"CELL_BOUNDED": "yes"} if guarded.outer else {}
    order = Order(
        argv=(sys.executable, str(expected.path)),
        env=tuple({"PATH": os.environ["PATH"], **told, **bounded}.items()),
        cwd=folder,
        scratch=folder,
        evidence_dir=folder / "evidence",
        limits=Limits(**{**LIMITS, "quiet_s": 2 if expected.ending == "blocked" else 30, **expected.limits}),
        ready="ready" if expected.outside else "",
    )
    audit = Audit(
        mark=f"CELL_MARK={value}",
        key=key,
        folder=folder,
        temporary=guarded.temporary,
        outer=guarded.outer,
        watchers=guarded.watchers,
    )
    return order, audit


def carried_out(supervisor: Supervisor, order: Order, expected: Expected, mark: str) -> Execution:
    with acting(expected.outside, order.scratch, mark) as when_ready:

        def on_pulse(pulse: Pulse) -> None:
            if pulse is Pulse.READY:
                when_ready()

        return supervisor.run(order, on_pulse=on_pulse, cancelled=threading.Event())


def refusal(expected: Expected) -> AbstractContextManager[object]:
    return pytest.raises(InfraError, match="warden") if expected.ending == REFUSED else nullcontext()


def check(expected: Expected, execution: Execution) -> None:
    assert words(execution.ending) == expected.ending, execution
    assert judge(BUG, execution).outcome == expected.outcome
    assert expected.leaked in {len(execution.leaked), SOME}, execution.leaked
    said = execution.stdout.text + execution.stderr.text
    assert expected.prints in said
    assert SECRET not in f"{execution}"
    if isinstance(execution.ending, Blocked):
        assert execution.ending.grade in HangGrade
