"""What happens to a cell when one of those who hold it is ended or stuck, by whatever it is held."""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.attempt import Exited
from bisectrix.model.repro import Limits
from bisectrix.model.words import ContainmentKind
from bisectrix.supervise import proc
from bisectrix.supervise.containment.machine import Machine, explore
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor
from support.cells import TESTS, Background, Cells

KINDS = [kind for kind in ContainmentKind if kind is not ContainmentKind.CONTAINER]
STUCK = [
    pytest.param(ContainmentKind.CGROUP, marks=pytest.mark.slow),
    pytest.param(ContainmentKind.SUBREAPER, marks=pytest.mark.slow),
    pytest.param(ContainmentKind.NAMESPACES, marks=pytest.mark.endurance),
    pytest.param(ContainmentKind.POLLING, marks=pytest.mark.endurance),
]
"""Each takes half a minute, nearly all of it the patience that a process may need to die."""

SLEEPER = "import time; print('ready', flush=True); time.sleep(3600)"
PATIENT = Limits(startup_s=60, deadline_s=600, quiet_s=600)
FREEZER = Path("/sys/fs/cgroup/freezer")


@pytest.fixture(scope="module")
def machine() -> Machine:
    return explore()


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest, machine: Machine) -> ContainmentKind:
    wanted: ContainmentKind = request.param
    if not machine.offers(wanted):
        pytest.skip(f"no {wanted} here: {'; '.join(machine.refusals)}")
    return wanted


@pytest.fixture
def held(kind: ContainmentKind, tests_path: None, tmp_path: Path) -> Iterator[Cells]:  # noqa: ARG001 - for its effect
    with Supervisor(collect="support.no_evidence:collect", containment=kind) as supervisor:
        made = Cells(supervisor, tmp_path)
        yield made
    assert made.alive() == []


@contextmanager
def harness(order: Order, folder: Path, kind: ContainmentKind, *closed: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a harness of its own and yield it once its cell is ready."""
    (folder / "order.json").write_text(order.to_json())
    os.mkfifo(folder / "result.ready")
    arguments = (TESTS / "support" / "harness.py", folder / "order.json", folder / "result", *closed)
    command = [sys.executable, *(str(argument) for argument in arguments)]
    ready = os.open(folder / "result.ready", os.O_RDWR)
    with subprocess.Popen(command, env={**os.environ, "HELD_BY": kind}) as process:
        try:
            assert select.select([ready], [], [], 60)[0]
            yield process
        finally:
            process.kill()
            os.close(ready)


def warden_of(pid: int) -> int:
    """Return the process above that leads the session of an attempt and runs our zygote's module."""
    above = parent(pid)
    while os.getsid(above) != above or proc.pid_inside(above) != above:
        above = parent(above)
    assert b"bisectrix.supervise.zygote" in proc.read(f"/proc/{above}/cmdline")
    return above


def parent(pid: int) -> int:
    return int(proc.stat_fields(f"/proc/{pid}/stat")[1])


@pytest.mark.slow
def test_a_harness_that_is_killed_takes_its_cell_along(held: Cells, kind: ContainmentKind, tmp_path: Path) -> None:
    order = held.order(SLEEPER, ready="ready", limits=PATIENT)
    with harness(order, tmp_path, kind) as process:
        ended = os.pidfd_open(Cells.main_pid(order))
        process.kill()
        assert select.select([ended], [], [], 60)[0]
        os.close(ended)


@pytest.mark.slow
def test_a_harness_without_standard_streams_works(held: Cells, kind: ContainmentKind, tmp_path: Path) -> None:
    with harness(held.order("print('ready', flush=True)", ready="ready"), tmp_path, kind, 0, 1, 2) as process:
        process.wait(60)
    assert (tmp_path / "result").read_text() == "Exited(code=0)"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_warden_that_is_ended_or_stopped_takes_its_cell_along(held: Cells, number: signal.Signals) -> None:
    order = held.order(SLEEPER, ready="ready", limits=PATIENT)
    with ThreadPoolExecutor() as pool:
        running = Background(held, pool).start(order)
        os.kill(warden_of(Cells.main_pid(order)), number)
        assert isinstance(running.exception(60), InfraError)
    assert held.alive() == []


@pytest.mark.slow
def test_a_full_disk_is_our_failure_and_said_in_a_sentence(held: Cells) -> None:
    order = held.order("print(1)")
    order.evidence_dir.mkdir()
    (order.evidence_dir / "stdout.txt").symlink_to("/dev/full")
    with pytest.raises(InfraError, match="cannot be kept: No space left on device"):
        held.run(order)
    assert held.run(held.order("print(1)")).ending == Exited(code=0)


@pytest.mark.parametrize("kind", STUCK, indirect=True)
@pytest.mark.skipif(
    not os.access(FREEZER, os.W_OK), reason="no freezer of version 1, which alone keeps a SIGKILL waiting"
)
def test_a_process_that_cannot_be_killed_is_told_and_waited_for_no_longer_than_needed(
    held: Cells, caplog: pytest.LogCaptureFixture
) -> None:
    order = held.order(SLEEPER, ready="ready", limits=Limits(startup_s=60, deadline_s=2, quiet_s=60))
    with ThreadPoolExecutor() as pool, caplog.at_level(logging.ERROR):
        running = Background(held, pool).start(order)
        pid = Cells.main_pid(order)
        ended = os.pidfd_open(pid)
        with frozen(pid):
            failure = running.exception(100)
            assert held.run(held.order("print(1)")).ending == Exited(code=0)
    assert "survive SIGKILL" in str(failure)
    assert "still alive after the attempt was ended" in caplog.text
    assert select.select([ended], [], [], 60)[0]
    os.close(ended)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Keep a process from doing anything, dying among it."""
    group = FREEZER / f"test-{os.getpid()}"
    group.mkdir()
    (group / "cgroup.procs").write_text(str(pid))
    (group / "freezer.state").write_text("FROZEN")
    try:
        yield
    finally:
        (group / "freezer.state").write_text("THAWED")
        while (group / "cgroup.procs").read_text():
            pass
        group.rmdir()
