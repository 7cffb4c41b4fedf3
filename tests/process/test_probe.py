"""The in-cell probe on real interpreters: what it answers, when it stays silent, and that nobody notices it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bisectrix.model.frames import shorten
from bisectrix.supervise.await_tree import await_chains
from bisectrix.supervise.instrument import dump_folder
from bisectrix.supervise.python_stacks import Stacks
from bisectrix.supervise.task_dumps import Dump, NoDump, ask_for_stacks, ask_for_tasks
from support.probed import DEADLINE_S, make_environment, probed_variables, running
from support.pythons import ALL


@pytest.fixture(scope="session", params=ALL)
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("environment") / "venv", request.param)


def ask(scratch: Path, pid: int, *, within_s: float = DEADLINE_S) -> Dump | NoDump:
    return ask_for_tasks([pid], dump_folder(scratch), shorten, until=time.monotonic() + within_s)[pid]


def dump_of(scratch: Path, pid: int) -> Dump:
    answer = ask(scratch, pid)
    assert isinstance(answer, Dump), answer
    return answer


def silence_of(scratch: Path, pid: int, *, within_s: float = DEADLINE_S) -> str:
    answer = ask(scratch, pid, within_s=within_s)
    assert isinstance(answer, NoDump), answer
    return answer.reason


def written(folder: Path, code: str) -> Path:
    file = folder / "program.py"
    file.write_text(code, encoding="utf-8")
    return file


WAITS = """
import asyncio

async def numbers(event):
    yield 1
    await event.wait()

async def consumer():
    async for _ in numbers(asyncio.Event()):
        pass

async def holder():
    lock = asyncio.Lock()
    await lock.acquire()
    await asyncio.wait_for(lock.acquire(), 3600)

async def shielded():
    await asyncio.shield(asyncio.Queue().get())

async def several():
    await asyncio.wait({asyncio.ensure_future(asyncio.sleep(3600))})

async def main():
    asyncio.ensure_future(announce())
    await asyncio.gather(consumer(), holder(), shielded(), several())

async def announce():
    for _ in range(10):
        await asyncio.sleep(0)
    print("ready", flush=True)

asyncio.run(main())
"""


def test_every_wait_is_named_with_the_whole_chain_that_leads_to_it(python: Path, tmp_path: Path) -> None:
    with running(tmp_path, python, written(tmp_path, WAITS)) as process:
        dump = dump_of(tmp_path, process.pid)
    chains = [[f"{frame.file}:{frame.function}" for frame in chain.frames] for chain in await_chains(dump.tasks, 1)]
    main = "program.py:main"
    assert [main, "program.py:consumer", "program.py:numbers", "asyncio/locks.py:wait"] in chains
    assert [main, "program.py:holder", "asyncio/tasks.py:wait_for", "asyncio/locks.py:acquire"] in chains
    assert [main, "program.py:shielded", "asyncio/queues.py:get"] in chains
    assert [
        main,
        "program.py:several",
        "asyncio/tasks.py:wait",
        "asyncio/tasks.py:_wait",
        "asyncio/tasks.py:sleep",
    ] in chains
    assert {"gather of 4", "Event.wait", "Lock.acquire", "Queue.get", "asyncio.wait", "asyncio.sleep(3600)"} <= {
        task.waits_for for task in dump.tasks
    }


def test_a_loop_that_nothing_will_wake_has_no_timers_and_nothing_ready(python: Path, tmp_path: Path) -> None:
    code = "import asyncio\nasync def main():\n  print('ready', flush=True)\n  await asyncio.Event().wait()\nasyncio.run(main())"
    with running(tmp_path, python, "-c", code) as process:
        (loop,) = dump_of(tmp_path, process.pid).loops
    assert (loop.running, loop.timers, loop.next_timer_s, loop.ready) == (True, 0, None, 0)


@pytest.mark.parametrize("block", ["time.sleep(3600)", "lock.acquire()"])
def test_a_coroutine_that_blocks_its_loop_is_seen_running_where_it_blocks(
    python: Path, tmp_path: Path, block: str
) -> None:
    code = f"""
import asyncio, threading, time
lock = threading.Lock()
lock.acquire()
async def inner():
    print("ready", flush=True)
    {block}
async def main():
    await inner()
asyncio.run(main())
"""
    with running(tmp_path, python, written(tmp_path, code)) as process:
        (task,) = dump_of(tmp_path, process.pid).tasks
    assert task.state == "running"
    assert [frame.function for frame in task.frames] == ["main", "inner"]
    assert task.frames[0].line == 9


def test_threads_are_told_by_name_the_main_one_first(python: Path, tmp_path: Path) -> None:
    code = """
import threading
event = threading.Event()
def work():
    print("ready", flush=True)
    event.wait()
threading.Thread(target=work, name="worker").start()
event.wait()
"""
    with running(tmp_path, python, written(tmp_path, code)) as process:
        dump = dump_of(tmp_path, process.pid)
    assert [chain.owner for chain in dump.threads] == ["MainThread", "worker"]
    assert "work" in [frame.function for frame in dump.threads[1].frames]


def test_a_program_without_asyncio_has_no_tasks_and_imports_none(python: Path, tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(3600)"
    with running(tmp_path, python, "-c", code) as process:
        dump = dump_of(tmp_path, process.pid)
    assert (dump.tasks, dump.loops, dump.task_count) == ((), (), 0)


def test_a_forked_child_answers_under_its_own_number(python: Path, tmp_path: Path) -> None:
    code = "import os, time; os.fork() or (print('ready', flush=True), time.sleep(3600)); os.wait()"
    with running(tmp_path, python, "-c", code) as process:
        (child,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        folder = dump_folder(tmp_path)
        answers = ask_for_tasks([process.pid, child], folder, shorten, until=time.monotonic() + DEADLINE_S)
        os.kill(child, 9)
    assert {pid: answer.pid for pid, answer in answers.items() if isinstance(answer, Dump)} == {
        process.pid: process.pid,
        child: child,
    }


@pytest.mark.parametrize("options", [["-I"], ["-E"], ["-s"], ["-O"], ["-X", "dev"], ["-W", "error"]], ids=" ".join)
def test_options_of_the_interpreter_do_not_silence_it(python: Path, tmp_path: Path, options: list[str]) -> None:
    code = "import time; print('ready', flush=True); time.sleep(3600)"
    with running(tmp_path, python, *options, "-c", code) as process:
        dump_of(tmp_path, process.pid)


SLEEP = "print('ready', flush=True)\nwhile True: time.sleep(3600)"
SILENT = [
    pytest.param("signal.pthread_sigmask(signal.SIG_BLOCK, {40})", "blocks the probe's signal", id="blocked"),
    pytest.param("signal.signal(40, signal.SIG_IGN)", "no probe in this process listens", id="ignored"),
    pytest.param("signal.signal(40, signal.SIG_DFL)", "no probe in this process listens", id="default"),
    pytest.param("signal.signal(40, lambda *_: None)", "did not answer in time", id="answered by the program"),
]


@pytest.mark.parametrize(("change", "reason"), SILENT)
def test_a_program_that_takes_the_signal_away_is_left_alone(
    python: Path, tmp_path: Path, change: str, reason: str
) -> None:
    with running(tmp_path, python, "-c", f"import signal, time\n{change}\n{SLEEP}") as process:
        assert reason in silence_of(tmp_path, process.pid, within_s=1)
        assert process.poll() is None


def test_a_program_that_never_heard_of_the_probe_is_left_alone(tmp_path: Path) -> None:
    with running(tmp_path, "sh", "-c", "echo ready; exec cat") as process:
        assert silence_of(tmp_path, process.pid) == "no probe in this process listens"
        assert process.poll() is None


def test_a_process_that_has_ended_is_named_as_such(tmp_path: Path) -> None:
    with running(tmp_path, "sh", "-c", "echo ready") as process:
        process.wait(DEADLINE_S)
    assert silence_of(tmp_path, process.pid) == "the process has ended"


def test_a_process_that_has_ended_and_was_not_collected_is_named_as_such(tmp_path: Path) -> None:
    with running(tmp_path, "sh", "-c", "echo ready") as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert silence_of(tmp_path, process.pid) == "the process has ended"


def test_a_stopped_process_is_named_as_such(python: Path, tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(3600)"
    with running(tmp_path, python, "-c", code) as process:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        assert silence_of(tmp_path, process.pid) == "the process is stopped"


def test_a_main_thread_stuck_in_c_still_gives_its_stacks(python: Path, tmp_path: Path) -> None:
    code = """
import ctypes, os, threading
libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
def tell():
    where = hex(ctypes.addressof(mutex))
    while where not in open("/proc/self/task/%d/syscall" % os.getpid()).read().split():
        pass
    print("ready", flush=True)
def deadlock():
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)
threading.Thread(target=tell).start()
deadlock()
"""
    with running(tmp_path, python, written(tmp_path, code)) as process:
        assert silence_of(tmp_path, process.pid, within_s=1) == "the probe did not answer in time"
        found = ask_for_stacks(process.pid, dump_folder(tmp_path), shorten, until=time.monotonic() + DEADLINE_S)
    assert isinstance(found, Stacks)
    assert [frame.function for frame in found.threads[0].frames] == ["<module>", "deadlock"]


SEEN = """
import json, sys, threading, warnings
import os
print(json.dumps({
    "modules": sorted(sys.modules), "path": sys.path, "threads": threading.active_count(),
    "descriptors": sorted(int(fd) for fd in os.listdir("/proc/self/fd")), "filters": repr(warnings.filters),
}))
"""


def seen(python: Path, folder: Path, variables: dict[str, str]) -> dict[str, list[object]]:
    done = subprocess.run(
        [python, "-c", SEEN], cwd=folder, env=variables, capture_output=True, check=True, timeout=DEADLINE_S
    )
    assert done.stderr == b""
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def test_a_program_sees_two_built_in_modules_more_and_one_high_descriptor(python: Path, tmp_path: Path) -> None:
    without, with_probe = seen(python, tmp_path, {}), seen(python, tmp_path, probed_variables(tmp_path))
    assert set(with_probe.pop("modules")) - set(without.pop("modules")) <= {"faulthandler", "fcntl"}
    assert [fd for fd in with_probe.pop("descriptors") if fd not in without["descriptors"]] == [200]
    del without["descriptors"]
    assert with_probe == without


def test_without_its_variable_the_probe_does_not_exist(python: Path, tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(3600)"
    with running(tmp_path, python, "-c", code, variables={}) as process:
        assert silence_of(tmp_path, process.pid) == "no probe in this process listens"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["BISECTRIX_PROBE", "BISECTRIX_PROBE_DIR"])
def test_a_probe_that_cannot_work_says_nothing(python: Path, tmp_path: Path, name: str) -> None:
    variables = {**probed_variables(tmp_path), name: "/proc/no/such/place"}
    done = subprocess.run(
        [python, "-c", "print('fine')"], env=variables, capture_output=True, check=True, timeout=DEADLINE_S
    )
    assert (done.stdout, done.stderr) == (b"fine\n", b"")
