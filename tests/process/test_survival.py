"""Whoever dies, the cell dies with its whole tree; whoever lives goes on."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.attempt import Blocked, Exited
from bisectrix.model.repro import Limits
from bisectrix.supervise.cancelled import Cancelled
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor
from support.cells import TESTS, Background, Cells

SLEEPER = "import time; print('ready', flush=True); time.sleep(3600)"
OBEYS = "import os; os.mkfifo('go'); print('ready', flush=True); open('go').read()"
PATIENT = Limits(startup_s=60, deadline_s=600, quiet_s=600)


def zygote_of(supervisor: Supervisor) -> int:
    running = supervisor._launcher._zygote
    assert running is not None
    return running._process.pid


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@contextmanager
def watched_end(order: Order) -> Iterator[None]:
    """Expect the cell to end within the block, or soon after."""
    descriptor = os.pidfd_open(Cells.main_pid(order))
    try:
        yield
        assert select.select([descriptor], [], [], 60)[0]
    finally:
        os.close(descriptor)


def _read_when_written(fifo: Path) -> str:
    descriptor = os.open(fifo, os.O_RDWR)
    try:
        assert select.select([descriptor], [], [], 60)[0]
        return os.read(descriptor, 100).decode()
    finally:
        os.close(descriptor)


@contextmanager
def harness(order: Order, folder: Path, *closed: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start a harness of its own and yield it with its zygote's pid once the cell is ready."""
    (folder / "order.json").write_text(order.to_json())
    os.mkfifo(folder / "result.ready")
    arguments = (TESTS / "support" / "harness.py", folder / "order.json", folder / "result", *closed)
    command = [sys.executable, *(str(argument) for argument in arguments)]
    with subprocess.Popen(command) as process:
        try:
            yield process, int(_read_when_written(folder / "result.ready"))
        finally:
            process.kill()


def test_a_cell_that_kills_its_warden_is_killed_and_nobody_is_blamed(open_cells: Cells) -> None:
    with pytest.raises(InfraError, match="by the repro itself or from outside"):
        open_cells.run(open_cells.order("import os, time; os.kill(os.getppid(), 9); time.sleep(3600)"))


def test_a_cell_that_kills_its_warden_and_hides_is_killed(open_cells: Cells) -> None:
    code = (
        "import os\nwarden = os.getppid()\n"
        "if not os.fork(): os.setsid(); os.execve('/bin/sleep', ['sleep', '3600'], {})\n"
        "os.kill(warden, 9); os.execve('/bin/sleep', ['sleep', '3600'], {})"
    )
    with pytest.raises(InfraError):
        open_cells.run(open_cells.order(code))


def test_a_cell_that_stops_its_warden_is_noticed_and_killed(open_cells: Cells) -> None:
    with pytest.raises(InfraError, match="the warden was stopped while it watched"):
        open_cells.run(open_cells.order("import os, time; os.kill(os.getppid(), 19); time.sleep(3600)", limits=PATIENT))


def test_a_cell_that_stops_warden_and_zygote_keeps_neither_from_ending_it_nor_the_next(open_cells: Cells) -> None:
    code = (
        "import os, time\n"
        "zygote = open('/proc/%d/stat' % os.getppid()).read().rpartition(') ')[2].split()[1]\n"
        "os.kill(int(zygote), 19); os.kill(os.getppid(), 19); time.sleep(3600)"
    )
    with pytest.raises(InfraError, match="the warden was stopped while it watched"):
        open_cells.run(open_cells.order(code, limits=PATIENT))
    assert open_cells.run(open_cells.order("print(1)")).ending == Exited(code=0)


def test_a_warden_takes_no_orders_from_its_cell(open_cells: Cells) -> None:
    code = "import os, signal\nfor name in ('HUP', 'INT', 'TERM', 'USR1', 'ALRM'): os.kill(os.getppid(), signal.Signals['SIG' + name])"
    assert open_cells.run(open_cells.order(code)).ending == Exited(code=0)


@pytest.mark.usefixtures("tests_path")
def test_a_harness_that_is_killed_takes_its_cell_along(cells: Cells, tmp_path: Path) -> None:
    order = cells.order(SLEEPER, ready="ready", limits=PATIENT)
    with harness(order, tmp_path) as (process, zygote):
        gone = os.pidfd_open(zygote)
        with watched_end(order):
            process.kill()
        assert select.select([gone], [], [], 60)[0]
        os.close(gone)


@pytest.mark.usefixtures("tests_path")
def test_a_harness_that_is_killed_with_its_zygote_takes_its_cell_along(cells: Cells, tmp_path: Path) -> None:
    order = cells.order(SLEEPER, ready="ready", limits=PATIENT)
    with harness(order, tmp_path) as (process, zygote), watched_end(order):
        os.kill(zygote, signal.SIGKILL)
        process.kill()


@pytest.mark.usefixtures("tests_path")
@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1, 2)])
def test_a_harness_without_standard_streams_that_ignores_interrupts_works(
    cells: Cells, tmp_path: Path, closed: tuple[int, ...]
) -> None:
    code = "import signal; print('ready', flush=True); assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    with harness(cells.order(code, ready="ready"), tmp_path, *closed) as (process, _zygote):
        process.wait(60)
    assert (tmp_path / "result").read_text() == "Exited(code=0)"


def test_an_attempt_outlives_its_zygote_and_the_next_one_gets_a_new_one(
    cells: Cells, background: Background, supervisor: Supervisor
) -> None:
    order = cells.order(OBEYS, ready="ready", limits=PATIENT)
    running = background.start(order)
    before = zygote_of(supervisor)
    os.kill(before, signal.SIGKILL)
    assert cells.run(cells.order("print(1)")).ending == Exited(code=0)
    assert zygote_of(supervisor) != before
    (order.scratch / "go").write_text("go")
    assert running.result(60).ending == Exited(code=0)


def test_a_zygote_may_die_at_any_moment_before_a_run(cells: Cells, supervisor: Supervisor) -> None:
    for _ in range(20):
        supervisor._launcher.start()
        os.kill(zygote_of(supervisor), signal.SIGKILL)
        assert cells.run(cells.order("print(1)")).ending == Exited(code=0)


def test_a_cell_that_kills_warden_and_zygote_is_killed(open_cells: Cells, open_supervisor: Supervisor) -> None:
    order = open_cells.order(f"{OBEYS}; os.kill(os.getppid(), 9); open('go').read()", ready="ready", limits=PATIENT)
    with ThreadPoolExecutor() as pool:
        running = Background(open_cells, pool).start(order)
        os.kill(zygote_of(open_supervisor), signal.SIGKILL)
        (order.scratch / "go").write_text("go")
        assert isinstance(running.exception(60), InfraError)


def test_a_cancelled_attempt_ends_and_raises(cells: Cells, background: Background) -> None:
    cancelled = threading.Event()
    order = cells.order(SLEEPER, ready="ready", limits=PATIENT)
    running = background.start(order, cancelled)
    with watched_end(order):
        cancelled.set()
        assert isinstance(running.exception(60), Cancelled)


@pytest.mark.usefixtures("tests_path")
def test_leaving_the_context_ends_what_runs(tmp_path: Path) -> None:
    with Supervisor(collect="support.no_evidence:collect") as other, ThreadPoolExecutor() as pool:
        own = Cells(other, tmp_path)
        order = own.order(SLEEPER, ready="ready", limits=PATIENT)
        running = Background(own, pool).start(order)
        with watched_end(order):
            other.__exit__(None, None, None)
            assert isinstance(running.exception(60), Cancelled)
    assert own.alive() == []


@pytest.mark.usefixtures("tests_path")
def test_two_supervisors_do_not_disturb_each_other(cells: Cells, background: Background, tmp_path: Path) -> None:
    order = cells.order(OBEYS, ready="ready", limits=PATIENT)
    running = background.start(order)
    (tmp_path / "other").mkdir()
    with Supervisor(collect="support.no_evidence:collect") as other:
        assert Cells(other, tmp_path / "other").run(cells.order("print(1)")).ending == Exited(code=0)
    (order.scratch / "go").write_text("go")
    assert running.result(60).ending == Exited(code=0)


@pytest.mark.usefixtures("tests_path")
def test_a_verdict_stands_when_its_evidence_cannot_be_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Supervisor(collect="support.no_evidence:fail") as failing:
        cells = Cells(failing, tmp_path)
        assert isinstance(cells.run(cells.order("import threading; threading.Event().wait()")).ending, Blocked)
    assert "RuntimeError: cannot look at" in caplog.text


def test_a_zygote_that_cannot_start_says_why(tmp_path: Path) -> None:
    with Supervisor(collect="no_such_module:collect") as broken:
        cells = Cells(broken, tmp_path)
        with pytest.raises(InfraError, match="No module named 'no_such_module'"):
            cells.run(cells.order("print(1)"))


def test_fifty_runs_leave_no_descriptor_and_no_process(cells: Cells, supervisor: Supervisor) -> None:
    cells.run(cells.order("print(1)"))
    zygote = zygote_of(supervisor)
    before = descriptors(os.getpid()), descriptors(zygote)
    for _ in range(50):
        cells.run(cells.order("print(1)"))
    ours, theirs = descriptors(os.getpid()), descriptors(zygote)
    assert ours == before[0]
    assert theirs - before[1] < 10  # a warden may be ready, or just being made
