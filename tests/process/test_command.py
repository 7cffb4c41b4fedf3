"""Helper programs, for real: output, deadlines, descendants, and programs that are not there."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from bisectrix.errors import InfraError
from bisectrix.supervise.cancelled import Cancelled
from bisectrix.supervise.command import Completed, run_command

DEADLINE_S = 30


def run_python(source: str, *, deadline_s: float = DEADLINE_S, input_text: str = "") -> Completed:
    return run_command((sys.executable, "-c", source), env={"A": "b"}, deadline_s=deadline_s, input_text=input_text)


def dies(pid: int) -> bool:
    """The kill is sent before the call returns; the kernel may need a moment to carry it out."""
    try:
        process = psutil.Process(pid)
        gone, _ = psutil.wait_procs([process], timeout=DEADLINE_S)
        return bool(gone) or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_both_streams_and_the_exit_code_come_back_as_they_were() -> None:
    done = run_python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert done == Completed(exit_code=3, stdout="out\n", stderr="err\n")


def test_what_is_no_utf_8_is_replaced() -> None:
    assert run_python(r"import os; os.write(1, b'a\xffb')").stdout == "a�b"


def test_the_helper_reads_its_input_to_the_end() -> None:
    assert run_python("import sys; print(len(sys.stdin.read()))", input_text="x" * 200_000).stdout == "200000\n"


def test_the_helper_sees_no_variable_of_ours() -> None:
    source = "import os; print(*sorted(k for k in os.environ if k != 'LC_CTYPE'))"
    assert run_python(source).stdout == "A\n"


def test_the_helper_runs_in_the_folder_it_is_given(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", "import os; print(os.getcwd())")
    assert run_command(argv, env={}, cwd=tmp_path, deadline_s=DEADLINE_S).stdout.strip() == str(tmp_path.resolve())


def test_a_signal_shows_as_its_negative_number() -> None:
    assert run_python("import os; os.kill(os.getpid(), 9)").exit_code == -9


def test_a_missing_program_is_an_error_of_ours_with_a_hint() -> None:
    with pytest.raises(InfraError, match="cannot start /nowhere/tool: No such file") as caught:
        run_command(("/nowhere/tool",), env={}, deadline_s=DEADLINE_S)
    assert "tool is installed" in caught.value.hint


SPAWN = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({path!r}, "w").write(str(child.pid))
{then}
"""


def test_at_the_deadline_the_whole_group_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with pytest.raises(InfraError, match="was still running after 2 s"):
        run_python(SPAWN.format(path=str(path), then="time.sleep(600)"), deadline_s=2)
    assert dies(int(path.read_text()))


def test_a_grandchild_that_keeps_the_output_open_neither_delays_nor_survives(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    done = run_python(SPAWN.format(path=str(path), then="print('done')"))
    assert done == Completed(exit_code=0, stdout="done\n", stderr="")
    assert dies(int(path.read_text()))


def test_a_command_that_nobody_waits_for_any_more_is_ended(tmp_path: Path) -> None:
    cancelled = threading.Event()
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    argv = ("sh", "-c", f"echo $$ > {fifo}; exec sleep 1000")

    def cancel_when_started() -> int:
        pid = int(fifo.read_text())
        cancelled.set()
        return pid

    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(cancel_when_started)
        with pytest.raises(Cancelled):
            run_command(argv, env=dict(os.environ), deadline_s=100, cancelled=cancelled)
        assert dies(started.result())
