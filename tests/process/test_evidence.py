"""Evidence of real processes: several witnesses, and none that is missed costs more than a sentence."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bisectrix.model.words import EvidenceKind
from bisectrix.supervise import evidence
from bisectrix.supervise.evidence import collect
from bisectrix.supervise.task_tree import has_tool
from support.probed import DEADLINE_S, make_environment, running
from support.pythons import ALL, not_older_than

HANG = """
import asyncio
async def inner(): await asyncio.Event().wait()
async def main():
    print("ready", flush=True)
    await inner()
asyncio.run(main())
"""


@pytest.fixture(scope="session", params=ALL)
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("environment") / "venv", request.param)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program.py"
    file.write_text(HANG, encoding="utf-8")
    return file


def test_await_chains_come_before_stacks_and_each_has_its_file(python: Path, program: Path, tmp_path: Path) -> None:
    with running(tmp_path, python, program) as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    assert [(chain.kind, chain.owner) for chain in chains] == [("task", "Task-1"), ("thread", "MainThread")]
    assert [f"{frame.file}:{frame.function}" for frame in chains[0].frames] == [
        "program.py:main",
        "program.py:inner",
        "asyncio/locks.py:wait",
    ]
    texts = {file.kind: file.path.read_text() for file in files}
    assert {str(kind) for kind in texts} == {"processes", "locks", "sockets", "stacks", "tasks"}
    assert "0 timers, 0 ready" in texts[EvidenceKind.TASKS]
    assert "stacks by py-spy" in texts[EvidenceKind.STACKS]
    assert f"{process.pid} " in texts[EvidenceKind.PROCESSES]


def test_without_py_spy_the_probe_gives_the_stacks(
    python: Path, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "find_py_spy", lambda: None)
    with running(tmp_path, python, program) as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    assert [chain.kind for chain in chains] == ["task", "thread"]
    (stacks,) = [file.path.read_text() for file in files if file.kind is EvidenceKind.STACKS]
    assert "stacks by the probe, for py-spy is not installed" in stacks


def test_without_py_spy_and_with_a_deaf_main_thread_faulthandler_gives_the_stacks(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "find_py_spy", lambda: None)
    code = "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {40})\nprint('ready', flush=True)\ntime.sleep(3600)"
    with running(tmp_path, python, "-c", code) as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    assert [chain.owner for chain in chains] == ["MainThread"]
    texts = {file.kind: file.path.read_text() for file in files}
    assert "stacks by faulthandler" in texts[EvidenceKind.STACKS]
    assert "no tasks, the program blocks the probe's signal" in texts[EvidenceKind.TASKS]


TWO_INTERPRETERS = """
from concurrent.futures import InterpreterPoolExecutor
def wait():
    import threading
    print("ready", flush=True)
    threading.Event().wait()
with InterpreterPoolExecutor(1) as pool:
    pool.submit(wait).result()
"""


def test_the_main_thread_is_told_beside_the_interpreter_that_py_spy_sees(program: Path, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "venv", not_older_than("3.14", tmp_path / "cache"))
    program.write_text(TWO_INTERPRETERS, encoding="utf-8")
    with running(tmp_path, python, program) as process:
        chains, _ = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    assert chains[0].owner == "MainThread"
    assert "result" in [frame.function for frame in chains[0].frames]
    assert any("do_call" in [frame.function for frame in chain.frames] for chain in chains)


BLOCKED_BESIDE = """
import asyncio, signal, threading
async def wait(): await asyncio.Event().wait()
async def main():
    beside = asyncio.create_task(wait(), name="patient")
    await asyncio.sleep(0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {40})
    print("ready", flush=True)
    threading.Event().wait()
asyncio.run(main())
"""
IN_C = """
import asyncio, ctypes, os, threading
libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
def tell():
    where = hex(ctypes.addressof(mutex))
    while where not in open("/proc/self/task/%d/syscall" % os.getpid()).read().split():
        pass
    print("ready", flush=True)
async def deadlock():
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)
async def main():
    threading.Thread(target=tell).start()
    await deadlock()
asyncio.run(main())
"""


def test_from_3_14_on_the_interpreter_shows_the_tasks_of_a_process_whose_probe_is_silent(
    program: Path, tmp_path: Path
) -> None:
    python = make_environment(tmp_path / "venv", not_older_than("3.14", tmp_path / "cache"))
    program.write_text(BLOCKED_BESIDE, encoding="utf-8")
    with running(tmp_path, python, program) as process:
        _, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    (text,) = [file.path.read_text() for file in files if file.kind is EvidenceKind.TASKS]
    assert "tasks by its own interpreter, for the probe did not answer" in text
    for line in ("(T) patient", "Event.wait asyncio/locks.py:", "main program.py:", "the task that runs in MainThread"):
        assert line in text


@pytest.mark.parametrize("witness", ["py-spy", "faulthandler"])
def test_a_task_that_holds_its_loop_in_c_is_told_by_its_stack(
    python: Path, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, witness: str
) -> None:
    if witness == "faulthandler":
        monkeypatch.setattr(evidence, "find_py_spy", lambda: None)
    program.write_text(IN_C, encoding="utf-8")
    with running(tmp_path, python, program) as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=3)
    first = chains[0]
    assert (first.kind, first.owner) == ("task", "the task that runs in MainThread")
    assert [frame.function for frame in first.frames] == ["main", "deadlock"]
    texts = {file.kind: file.path.read_text() for file in files}
    assert f"stacks by {witness}" in texts[EvidenceKind.STACKS]
    own_tool = "tasks by its own interpreter, for the probe did not answer"
    silence = own_tool if has_tool(python.resolve().name) else "no tasks, the probe did not answer in time"
    assert silence in texts[EvidenceKind.TASKS]
    assert "the task that runs in MainThread, by the stack of its thread" in texts[EvidenceKind.TASKS]


def test_native_frames_stand_in_the_text_and_not_in_the_chains(python: Path, program: Path, tmp_path: Path) -> None:
    with running(tmp_path, python, program) as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S, native=True)
    assert {frame.file.rpartition(".")[2] for chain in chains for frame in chain.frames} == {"py"}
    (stacks,) = [file.path.read_text() for file in files if file.kind is EvidenceKind.STACKS]
    assert "stacks by py-spy, outermost call first" in stacks
    if "with those of C" in stacks:  # where this machine lets us stop another process
        assert "libc.so" in stacks


def test_a_python_without_the_probe_has_stacks_and_a_sentence(tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); time.sleep(3600)"
    with running(tmp_path, sys.executable, "-S", "-c", code) as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
        assert process.poll() is None
    assert [chain.owner for chain in chains] == ["MainThread"]
    (tasks,) = [file.path.read_text() for file in files if file.kind is EvidenceKind.TASKS]
    assert "no tasks, no probe in this process listens" in tasks


def test_a_process_that_is_no_python_is_only_listed(tmp_path: Path) -> None:
    (tmp_path / "said").write_text("ready\n", encoding="utf-8")
    with running(tmp_path, "cat", "said", "-") as process:
        chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
        assert process.poll() is None
    assert chains == ()
    texts = {file.kind: file.path.read_text() for file in files}
    assert texts[EvidenceKind.PROCESSES].endswith(": cat said -\n")
    assert texts[EvidenceKind.STACKS] == texts[EvidenceKind.TASKS] == "no Python process\n"


def test_a_process_that_has_ended_costs_nothing(tmp_path: Path) -> None:
    with running(tmp_path, "sh", "-c", "echo ready") as process:
        process.wait(DEADLINE_S)
    chains, files = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    assert (chains, len(files)) == ((), 5)


def test_a_parent_stands_above_its_child_and_each_has_its_chains(python: Path, tmp_path: Path) -> None:
    code = f"import os\nos.fork() or exec({HANG!r})\nos.wait()"
    with running(tmp_path, python, "-c", code) as process:
        (child,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        chains, files = collect([process.pid, child], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
        os.kill(child, 9)
    assert [(chain.kind, chain.process) for chain in chains] == [
        ("task", child),
        ("thread", process.pid),
        ("thread", child),
    ]
    (processes,) = [file.path.read_text() for file in files if file.kind is EvidenceKind.PROCESSES]
    assert [line.split()[0] for line in processes.splitlines()] == [str(process.pid), str(child)]
    assert processes.splitlines()[1].startswith("  ")


def test_what_a_program_planted_where_the_probe_answers_does_no_harm(python: Path, tmp_path: Path) -> None:
    code = """
import os, time
os.mkdir("probe/tasks-%d.json" % os.getpid())
print("ready", flush=True)
time.sleep(3600)
"""
    with running(tmp_path, python, "-c", code) as process:
        chains, _ = collect([process.pid], tmp_path, tmp_path / "evidence", deadline_s=DEADLINE_S)
    assert [chain.kind for chain in chains] == ["thread"]
