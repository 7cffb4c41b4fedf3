"""How a command ends, and what its watch says of one that does not."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.attempt import Blocked, Exited, Overran, Signalled
from bisectrix.model.repro import Limits
from bisectrix.model.words import EvidenceKind, OverrunLabel
from bisectrix.supervise.order import Pulse
from support.cells import Cells

TIMER_DESCRIPTOR = """
import ctypes, os
libc = ctypes.CDLL(None)
timer = libc.timerfd_create(1, 0)
libc.timerfd_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 3, 0), None)
"""
SHORT = Limits(startup_s=60, deadline_s=2, quiet_s=1)


@pytest.mark.parametrize("code", [0, 1, 3, 137])
def test_an_exit_code_is_told_as_it_is(cells: Cells, code: int) -> None:
    execution = cells.run(cells.order(f"raise SystemExit({code})"))
    assert execution.ending == Exited(code=code)
    assert execution.leaked == ()


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL", "SIGTERM", "SIGXCPU"])
def test_a_death_by_signal_is_told_by_name(cells: Cells, name: str) -> None:
    execution = cells.run(cells.order(f"import os; os.kill(os.getpid(), {int(signal.Signals[name])})"))
    assert execution.ending == Signalled(signal=name)


def test_a_process_group_that_kills_itself_does_not_reach_us(cells: Cells) -> None:
    assert cells.run(cells.order("import os; os.killpg(0, 9)")).ending == Signalled(signal="SIGKILL")


def test_a_program_that_does_not_exist_is_our_failure(cells: Cells) -> None:
    with pytest.raises(InfraError, match=r"cannot start no-such-program .* No such file"):
        cells.run(cells.order(argv=("no-such-program",)))


def test_both_streams_are_kept_apart_and_written_as_evidence(cells: Cells) -> None:
    order = cells.order("import sys; print('out'); print('err', file=sys.stderr)")
    execution = cells.run(order)
    assert (execution.stdout.text, execution.stderr.text) == ("out\n", "err\n")
    assert {file.kind: file.path.read_text() for file in execution.evidence} == {
        EvidenceKind.STDOUT: "out\n",
        EvidenceKind.STDERR: "err\n",
    }


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import threading; k = threading.Lock(); k.acquire(); k.acquire()", id="lock never released"),
        pytest.param("import asyncio; asyncio.run(asyncio.Event().wait())", id="event never set"),
        pytest.param("import os; os.read(os.pipe()[0], 1)", id="pipe nobody writes to"),
        pytest.param(
            "import os\nr, w = os.pipe()\nif os.fork():\n    os.wait()\nelse:\n    os.read(r, 1)",
            id="child waits for ever",
        ),
        pytest.param("import threading; threading.Thread(target=threading.Event().wait).start()", id="hung thread"),
        pytest.param(
            "import os, signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nsignal.pause()",
            id="ignores signals and pauses",
        ),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", id="stops itself"),
        pytest.param(
            "import os\nif pid := os.fork(): os.wait()\nelse: os.kill(os.getpid(), 19)", id="child stops itself"
        ),
        pytest.param("import os, signal; os.closerange(0, 100); signal.pause()", id="closes all descriptors"),
        pytest.param("import os\nr, w = os.pipe()\nwhile True: os.write(w, bytes(4096))", id="full pipe"),
        pytest.param(
            "import threading\nfor _ in range(300): threading.Thread(target=threading.Event().wait).start()",
            id="300 threads",
        ),
        pytest.param(
            "import threading, time\n"
            "def poll():\n    while True: time.sleep(0.1)\n"
            "threading.Thread(target=poll, daemon=True).start()\nthreading.Event().wait()",
            id="main waits for ever beside a poller",
        ),
    ],
)
def test_what_can_never_move_is_blocked_long_before_the_deadline(cells: Cells, code: str) -> None:
    execution = cells.run(cells.order(code))
    assert isinstance(execution.ending, Blocked), execution
    assert execution.duration_s < 60


def test_a_hang_comes_with_stacks_and_what_each_thread_waits_for(cells: Cells) -> None:
    execution = cells.run(cells.order("import threading; threading.Event().wait()"))
    assert [chain.frames[0].function for chain in execution.chains] == ["wait"]
    assert [(wait.call, wait.until) for wait in execution.waits] == [("futex", "for ever")]
    assert {file.kind for file in execution.evidence} == {EvidenceKind.STACKS, EvidenceKind.WAITS}


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("import time; time.sleep(3600)", OverrunLabel.NEXT_WAKE_UP),
        ("import subprocess; subprocess.run(['sleep', '3600'])", OverrunLabel.NEXT_WAKE_UP),
        ("import threading; threading.Thread(target=threading.Event().wait, args=(3600,)).start()", OverrunLabel.NEXT_WAKE_UP),
        ("import os, time\nfor _ in range(60):\n    if not os.fork(): os._exit(0)\ntime.sleep(3600)", OverrunLabel.NEXT_WAKE_UP),
        ("while True: pass", OverrunLabel.SPINNING),
        ("import time\nwhile True: time.sleep(0.05)", OverrunLabel.POLLING),
        ("import time\nwhile True: time.sleep(0.05); print('.', flush=True)", OverrunLabel.PROGRESSING),
        ("import os\nwhile True:\n    if not os.fork(): os.execlp('sleep', 'sleep', '0.3')\n    os.wait()", OverrunLabel.PROGRESSING),
    ],
)  # fmt: skip
def test_what_may_still_move_has_overrun_and_is_no_hang(cells: Cells, code: str, label: OverrunLabel) -> None:
    ending = cells.run(cells.order(code, limits=SHORT)).ending
    assert isinstance(ending, Overran), ending
    assert ending.label is label, ending.detail


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import time; time.sleep(2)", id="sleep"),
        pytest.param("import subprocess; subprocess.run(['sleep', '2'])", id="child sleeps"),
        pytest.param("import threading; threading.Event().wait(2)", id="wait with a timeout"),
        pytest.param("import threading, time\nt = threading.Thread(target=time.sleep, args=(2,))\nt.start(); t.join()", id="join"),
        pytest.param("import asyncio; asyncio.run(asyncio.sleep(2))", id="asyncio timer"),
        pytest.param("import os, time, select\nr, w = os.pipe()\nselect.select([r], [], [], 2)", id="select"),
        pytest.param("import signal\nsignal.signal(14, lambda *_: None)\nsignal.alarm(3)\nsignal.pause()", id="alarm"),
        pytest.param(f"{TIMER_DESCRIPTOR}\nos.read(timer, 8)", id="timer descriptor"),
    ],
)  # fmt: skip
def test_a_wait_that_a_timer_ends_is_left_alone(cells: Cells, code: str) -> None:
    assert cells.run(cells.order(code)).ending == Exited(code=0)


def test_the_deadline_starts_with_the_ready_mark(cells: Cells) -> None:
    pulses: list[Pulse] = []
    code = "import time; time.sleep(1.5); print('it is rea', end='', flush=True); print('dy\\nready', flush=True); time.sleep(.2)"
    order = cells.order(code, ready="ready", limits=Limits(startup_s=60, deadline_s=1, quiet_s=30))
    execution = cells.run(order, on_pulse=pulses.append)
    assert execution.ending == Exited(code=0)
    assert execution.ready_after_s >= 1.5
    assert Pulse.READY in pulses


def test_start_up_has_a_bound_of_its_own(cells: Cells) -> None:
    order = cells.order("import time; time.sleep(3600)", ready="ready", limits=Limits(startup_s=1, quiet_s=30))
    ending = cells.run(order).ending
    assert isinstance(ending, Overran)
    assert ending.detail.startswith("not ready after 1 s: ")


def test_each_event_restarts_the_deadline(cells: Cells) -> None:
    code = "import time\nfor n in range(8):\n    time.sleep(.5)\n    print(n, file=open('events.jsonl', 'a'))\ntime.sleep(3600)"
    order = cells.order(code, events=True, limits=Limits(startup_s=4, deadline_s=4, quiet_s=30))
    execution = cells.run(order)
    assert isinstance(execution.ending, Overran)
    assert execution.duration_s > 5
    assert len((order.scratch / "events.jsonl").read_text().splitlines()) == 8


def test_a_cell_that_waits_is_idle_and_one_that_computes_is_busy_again(cells: Cells) -> None:
    pulses: list[Pulse] = []
    code = "import time; time.sleep(2); end = time.monotonic() + 2\nwhile time.monotonic() < end: pass"
    cells.run(cells.order(code), on_pulse=pulses.append)
    assert pulses[:2] == [Pulse.IDLE, Pulse.BUSY]


def test_a_cell_begins_clean(cells: Cells) -> None:
    status = cells.run(cells.order(argv=("cat", "/proc/self/status"))).stdout.text
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert [lines[name].strip() for name in ("SigIgn", "SigBlk", "Umask")] == ["0" * 16, "0" * 16, "0022"]


def test_a_cell_inherits_three_streams_and_the_variables_of_its_order(cells: Cells) -> None:
    code = "import os; print(sorted(os.environ), os.listdir('/proc/self/fd'), os.readlink('/proc/self/fd/0'), os.getsid(0) == os.getpid())"
    order = replace(cells.order(code), env=(("A", "1"),))
    expected = "['A', 'BISECTRIX_COOKIE', 'LC_CTYPE'] ['0', '1', '2', '3'] /dev/null True\n"
    assert cells.run(order).stdout.text == expected
