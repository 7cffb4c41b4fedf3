"""Tasks of trio and anyio, and of several loops in one process, as the probe tells them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bisectrix.model.frames import shorten
from bisectrix.supervise.await_tree import await_chains, forest
from bisectrix.supervise.instrument import dump_folder
from bisectrix.supervise.task_dumps import Dump, Task, ask_for_tasks
from support.probed import DEADLINE_S, make_environment, running
from support.pythons import ALL


@pytest.fixture(scope="session", params=ALL)
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("environment") / "venv", request.param, with_our_packages=True)


def dump_of(python: Path, folder: Path, code: str, *, busy: tuple[str, ...] = ()) -> Dump:
    """Return what is told when all tasks wait but those named."""
    program = folder / "program.py"
    program.write_text(code, encoding="utf-8")
    with running(folder, python, program) as process:
        give_up = time.monotonic() + DEADLINE_S
        while time.monotonic() < give_up:
            answer = ask_for_tasks([process.pid], dump_folder(folder), shorten, until=give_up)[process.pid]
            assert isinstance(answer, Dump), answer
            if all(task.state == "waiting" for task in answer.tasks if task.name not in busy):
                return answer
    pytest.fail("its tasks never came to rest")


def named(dump: Dump) -> dict[str, Task]:
    return {task.name.rpartition(".")[2]: task for task in dump.tasks}


NURSERIES = """
import trio
async def leaf(event): await event.wait()
async def child(event):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(leaf, event)
async def main():
    event = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child, event)
        nursery.start_soon(trio.sleep, 3600)
        print("ready", flush=True)
trio.run(main)
"""


def test_tasks_of_trio_stand_below_the_nursery_that_waits_for_them(python: Path, tmp_path: Path) -> None:
    dump = dump_of(python, tmp_path, NURSERIES)
    tasks = named(dump)
    assert {name: task.waits_for for name, task in tasks.items()} == {
        "main": "nursery of 2",
        "child": "nursery of 1",
        "leaf": "Event.wait",
        "sleep": "trio.sleep(3600)",
    }
    assert tasks["sleep"].scope.startswith("time limit in 3")
    (root,) = forest(dump.tasks)
    assert root.task is tasks["main"]
    chain = next(chain for chain in await_chains(dump.tasks, dump.pid) if chain.owner.endswith(".leaf"))
    ours = [frame.function for frame in chain.frames if frame.file == "program.py"]
    assert ours == ["main", "child", "leaf"]
    (loop,) = dump.loops
    assert (loop.kind, loop.timers, loop.ready) == ("trio", 1, 0)


ANYIO = """
import anyio, threading
async def leaf(event): await event.wait()
async def limited(event):
    with anyio.move_on_after(3600):
        await leaf(event)
async def threaded(): await anyio.to_thread.run_sync(threading.Event().wait)
async def main():
    event = anyio.Event()
    async with anyio.create_task_group() as group:
        for function in (leaf, limited):
            group.start_soon(function, event)
        group.start_soon(threaded)
        print("ready", flush=True)
anyio.run(main, backend={backend!r})
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_of_anyio_are_told_on_either_library(python: Path, tmp_path: Path, backend: str) -> None:
    dump = dump_of(python, tmp_path, ANYIO.format(backend=backend))
    tasks = named(dump)
    waits = {name: tasks[name].waits_for for name in ("leaf", "limited", "threaded")}
    assert waits == {"leaf": "Event.wait", "limited": "Event.wait", "threaded": "a worker thread"}
    assert tasks["limited"].scope.startswith("time limit in 3")
    assert tasks["leaf"].scope == ""
    (root,) = forest(dump.tasks)
    assert root.task is tasks["main"]
    assert {node.task.name.rpartition(".")[2] for node in root.inner} == {"leaf", "limited", "threaded"}


LOOPS = """
import asyncio, threading
begun = threading.Barrier(3)
async def waits():
    begun.wait()
    await asyncio.Event().wait()
async def blocks():
    begun.wait()
    threading.Event().wait()
def run(function): asyncio.run(named(function))
async def named(function):
    asyncio.current_task().set_name(function.__name__)
    await function()
threads = [threading.Thread(target=run, args=[function]) for function in (waits, blocks)]
for thread in threads: thread.start()
begun.wait()
print("ready", flush=True)
for thread in threads: thread.join()
"""


def test_tasks_of_all_loops_are_told_also_of_one_that_is_blocked(python: Path, tmp_path: Path) -> None:
    dump = dump_of(python, tmp_path, LOOPS, busy=("blocks",))
    tasks = named(dump)
    assert {name: task.state for name, task in tasks.items()} == {"waits": "waiting", "blocks": "running"}
    assert [frame.function for frame in tasks["blocks"].frames][:3] == ["named", "blocks", "wait"]
    assert len([loop for loop in dump.loops if loop.running]) == 2


def test_a_task_that_was_asked_to_cancel_and_goes_on_is_told(python: Path, tmp_path: Path) -> None:
    code = """
import asyncio
async def stubborn():
    while True:
        try: await asyncio.Event().wait()
        except asyncio.CancelledError: print("ready", flush=True)
async def main():
    task = asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    await task
asyncio.run(main())
"""
    dump = dump_of(python, tmp_path, code)
    stubborn = next(task for task in dump.tasks if task.frames[0].function == "stubborn")
    assert stubborn.scope == "asked to cancel"
