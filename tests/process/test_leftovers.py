"""What outlives the main process is named and killed, and delays nothing."""

from __future__ import annotations

import pytest

from bisectrix.model.attempt import Exited, Limited
from bisectrix.model.repro import Limits
from bisectrix.model.words import LimitKind
from support.cells import SECRET, Cells


def test_a_daemon_that_holds_the_output_is_named_and_does_not_delay_the_end(cells: Cells) -> None:
    code = "import os\nif not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n    os.execlp('sleep', 'sleep', '600')\nos.wait()"
    execution = cells.run(cells.order(code))
    assert execution.ending == Exited(code=0)
    assert execution.leaked == ("sleep 600",)


def test_a_child_in_a_session_of_its_own_is_found(cells: Cells) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '601'], start_new_session=True); raise SystemExit(3)"
    execution = cells.run(cells.order(code))
    assert execution.ending == Exited(code=3)
    assert execution.leaked == ("sleep 601",)


def test_a_helper_that_ends_with_the_main_process_is_no_leftover(cells: Cells) -> None:
    code = "import os\nr, w = os.pipe()\nif not os.fork():\n    os.close(w)\n    os.read(r, 1)"
    assert cells.run(cells.order(code)).leaked == ()


def test_a_flood_that_goes_on_after_the_end_is_cut_off(cells: Cells) -> None:
    code = "import subprocess; subprocess.Popen(['sh', '-c', 'while true; do echo flood; done'])"
    execution = cells.run(cells.order(code, limits=Limits(output_mib=1000)))
    assert execution.ending == Exited(code=0)
    assert execution.leaked == ("sh -c while true; do echo flood; done",)


def test_a_process_that_hops_from_pid_to_pid_is_caught(cells: Cells) -> None:
    code = "import os\nif not os.fork():\n    while True:\n        if os.fork(): os._exit(0)"
    assert cells.run(cells.order(code)).ending == Exited(code=0)


def test_guardians_that_restart_each_other_are_caught(cells: Cells) -> None:
    code = (
        "import os\n"
        "def guard():\n"
        "    while True:\n"
        "        pid = os.fork()\n"
        "        if not pid: return guard()\n"
        "        os.waitpid(pid, 0)\n"
        "if not os.fork():\n"
        "    for _ in range(2):\n"
        "        if not os.fork():\n"
        "            os.execlp('sh', 'sh', '-c', 'while true; do sleep 0.05; done')\n"
        "    os.wait()"
    )
    execution = cells.run(cells.order(code))
    assert execution.ending == Exited(code=0)
    assert len(execution.leaked) >= 3


def test_a_cleared_environment_hides_nothing(cells: Cells) -> None:
    code = "import os\nif not os.fork():\n    os.setsid()\n    os.execve('/bin/sleep', ['sleep', '602'], {})"
    assert cells.run(cells.order(code)).leaked == ("sleep 602",)


def test_a_flood_on_a_stream_is_a_crossed_limit_and_its_head_and_tail_are_kept(cells: Cells) -> None:
    code = "import os\nos.write(1, b'begin')\nwhile True: os.write(1, b'x' * 65536)"
    execution = cells.run(cells.order(code, limits=Limits(output_mib=4)))
    assert execution.ending == Limited(limit=LimitKind.OUTPUT, detail="one stream said more than 4 MiB")
    assert execution.stdout.truncated
    assert execution.stdout.text.startswith("begin")
    assert len(execution.stdout.text) < 1 << 20


def test_one_line_of_ten_megabytes_is_read_to_its_end(cells: Cells) -> None:
    execution = cells.run(cells.order("print('x' * 10_000_000 + 'end')"))
    assert execution.ending == Exited(code=0)
    assert execution.stdout.size_bytes == 10_000_004
    assert execution.stdout.text.endswith("xend\n")


def test_output_is_made_safe_to_show(cells: Cells) -> None:
    code = f"import os; os.write(1, b'\\xff\\x1b[2J\\0 {SECRET[:7]}'); os.write(1, b'{SECRET[7:]}')"
    order = cells.order(code)
    execution = cells.run(order)
    assert execution.stdout.text == "�␛[2J␀ ***"
    assert SECRET not in (order.evidence_dir / "stdout.txt").read_text()


def test_too_much_memory_is_a_crossed_limit(cells: Cells) -> None:
    code = "import threading\nkept = [bytearray(b'x' * (1 << 20)) for _ in range(400)]\nthreading.Event().wait()"
    execution = cells.run(cells.order(code, limits=Limits(memory_mib=200)))
    assert isinstance(execution.ending, Limited)
    assert execution.ending.limit is LimitKind.MEMORY
    assert execution.peak_memory_mib > 100


@pytest.mark.parametrize("count", [20])
def test_too_many_processes_are_a_crossed_limit(cells: Cells, count: int) -> None:
    code = f"import subprocess\nfor _ in range({count}): subprocess.Popen(['sleep', '603'])\nsubprocess.run(['sleep', '603'])"
    execution = cells.run(cells.order(code, limits=Limits(processes=8)))
    assert isinstance(execution.ending, Limited)
    assert execution.ending.limit is LimitKind.PROCESSES
    assert execution.leaked == ()


def test_what_a_child_used_counts(cells: Cells) -> None:
    burn = "import time\nwhile time.process_time() < .5: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {burn!r}])"
    assert cells.run(cells.order(code)).cpu_s >= 0.5
