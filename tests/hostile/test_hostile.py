"""Programs that try to mislead, to escape, to take everything: each comes to what the table says and leaves nothing."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.judge.attempt import judge
from bisectrix.model.attempt import Blocked, Execution
from bisectrix.model.repro import Bug, Limits
from bisectrix.model.words import BugKind, ContainmentKind, HangGrade
from bisectrix.runner.scratch import remove_tree
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.supervisor import Supervisor
from support.audit import Surroundings, Traces, groups_of_the_dead, settled
from support.hostile import REFUSED, SOME, Expected, expectations, outer_pid_namespace, words
from support.outer import Outer, outer_bound
from support.outside import acting

LIMITS = {"startup_s": 60, "deadline_s": 60, "quiet_s": 30}
"""What wakes by itself does so after four seconds: whoever claims anything in less has proved it."""

KINDS = (
    pytest.param(ContainmentKind.CGROUP, id="cgroup"),
    pytest.param(ContainmentKind.SUBREAPER, id="subreaper"),
    pytest.param(ContainmentKind.NAMESPACES, id="namespaces", marks=pytest.mark.slow),
    pytest.param(ContainmentKind.POLLING, id="polling", marks=pytest.mark.slow),
)
AT_ONCE = 6
BUG = Bug(kind=BugKind.HANG)
SECRET = "correct-horse-battery"  # noqa: S105 - what the programs tell
OUTCOMES_WITHIN_S = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a program came to, and what it left."""

    came_to: Execution | InfraError
    left: list[str]


@dataclass(kw_only=True, slots=True)
class Arena:
    """Runs the programs of one containment, several at once, each in a folder of its own."""

    kind: ContainmentKind
    supervisor: Supervisor
    outer: Outer | None
    folder: Path
    running: dict[str, Future[Ran]] = field(default_factory=dict)

    def result(self, expected: Expected) -> Ran:
        """Return what a program came to; one that must be alone is run now, when all others are done."""
        if expected.alone:
            for other in self.running.values():
                other.exception(OUTCOMES_WITHIN_S)
            if self.outer:
                self.outer.make_room()
            return self.run(expected)
        return self.running[expected.name].result(OUTCOMES_WITHIN_S)

    def run(self, expected: Expected) -> Ran:
        folder = self.folder / expected.name
        folder.mkdir()
        traces = Traces(mark=f"CELL_MARK={secrets.token_hex(8)}", key=secrets.randbits(30) | 1, folder=folder)
        order = self._order(expected, traces)
        came_to: Execution | InfraError
        try:
            came_to = self._carried_out(order, expected, traces.mark)
        except InfraError as error:
            came_to = error
        if stays := expected.under(self.kind).stays:
            traces.take_away(stays)
        left = settled(traces.left)
        remove_tree(folder)  # pytest cannot remove one that is a thousand folders deep
        return Ran(came_to=came_to, left=left)

    def _order(self, expected: Expected, traces: Traces) -> Order:
        told = {
            "CELL_MARK": traces.mark.partition("=")[2],
            "CELL_KEY": str(traces.key),
            "TOLD": SECRET,
            "OUTER_PID_NAMESPACE": outer_pid_namespace(),
        }
        bounded = {"CELL_BOUNDED": "yes"} if self.outer else {}
        return Order(
            argv=(sys.executable, str(expected.path)),
            env=tuple({"PATH": os.environ["PATH"], **told, **bounded}.items()),
            cwd=traces.folder,
            scratch=traces.folder,
            evidence_dir=traces.folder / "evidence",
            limits=Limits(**{**LIMITS, **expected.limits}),
            ready="ready" if expected.outside else "",
        )

    def _carried_out(self, order: Order, expected: Expected, mark: str) -> Execution:
        with acting(expected.outside, order.scratch, mark) as when_ready:

            def on_pulse(pulse: Pulse) -> None:
                if pulse is Pulse.READY:
                    when_ready()

            return self.supervisor.run(order, on_pulse=on_pulse, cancelled=threading.Event())


@pytest.fixture(scope="module", params=KINDS)
def arena(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Start all programs that were chosen; when they are done, nothing around them may be other than before."""
    kind: ContainmentKind = request.param
    temporary, before = tmp_path_factory.mktemp("temporary"), groups_of_the_dead()
    with pytest.MonkeyPatch.context() as patch, outer_bound() as outer:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        supervisor = Supervisor(redact=lambda text: text.replace(SECRET, "***"), containment=kind)
        with outer.inside() if outer else nullcontext():
            with supervisor, ThreadPoolExecutor(AT_ONCE) as pool:
                if not offered(supervisor, tmp_path_factory.mktemp("offered")):
                    pytest.skip(f"this machine offers no containment by {kind}")
                arena = Arena(kind=kind, supervisor=supervisor, outer=outer, folder=tmp_path_factory.mktemp("programs"))
                for expected in chosen(request.session, kind):
                    if not expected.alone and not missing(expected, kind):
                        arena.running[expected.name] = pool.submit(arena.run, expected)
                yield arena
            around = Surroundings(temporary=temporary, outer=outer, watchers=frozenset({os.getpid()}), groups=before)
            assert settled(around.left) == []


def offered(supervisor: Supervisor, folder: Path) -> bool:
    order = Order(
        argv=("true",),
        env=(("PATH", os.environ["PATH"]),),
        cwd=folder,
        scratch=folder,
        evidence_dir=folder,
        limits=Limits(),
    )
    try:
        supervisor.run(order, on_pulse=lambda _pulse: None, cancelled=threading.Event())
    except InfraError:
        return False
    return True


def chosen(session: pytest.Session, kind: ContainmentKind) -> list[Expected]:
    """Return the programs whose tests were asked for."""
    by_name = {expected.name: expected for expected in expectations()}
    calls = [item.callspec for item in session.items if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    return [by_name[call.id.partition("-")[2]] for call in calls if call.params.get("arena") is kind]


def missing(expected: Expected, kind: ContainmentKind) -> str:
    return expected.missing or ("containment that can do it" if expected.only and kind not in expected.only else "")


def test_every_program_stands_in_the_table() -> None:
    programs = {file.stem for file in (Path(__file__).parent / "programs").glob("*.py")}
    assert programs == {expected.name for expected in expectations()}


@pytest.mark.parametrize(
    "expected",
    [pytest.param(each, id=each.name, marks=() if each.quick else pytest.mark.slow) for each in expectations()],
)
def test_a_hostile_program_comes_to_what_it_must_and_leaves_nothing(arena: Arena, expected: Expected) -> None:
    if lacking := missing(expected, arena.kind):
        pytest.skip(f"there is no {lacking} here")
    ran, expected = arena.result(expected), expected.under(arena.kind)
    if expected.ending == REFUSED:
        assert isinstance(ran.came_to, InfraError), ran
    else:
        assert isinstance(ran.came_to, Execution), ran
        check(expected, ran.came_to)
    assert ran.left == []


def check(expected: Expected, execution: Execution) -> None:
    assert words(execution.ending) == expected.ending, execution
    assert judge(BUG, execution).outcome == expected.outcome
    assert expected.leaked in {len(execution.leaked), SOME}, execution.leaked
    assert expected.prints in execution.stdout.text + execution.stderr.text
    assert SECRET not in f"{execution}"
    if isinstance(execution.ending, Blocked):
        assert execution.ending.grade is not HangGrade.STALLED or expected.stalled, execution.ending
