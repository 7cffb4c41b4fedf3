"""Tasks of processes whose probe does not answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bisectrix.model.attempt import Chain, Frame
from bisectrix.supervise import proc
from bisectrix.supervise.task_tree import TaskTree, ask_interpreter, has_tool, interpreter_with_tool, running_tasks


def chain(*places: str) -> Chain:
    frames = tuple(Frame(file=place.partition(":")[0], function=place.partition(":")[2], line=1) for place in places)
    return Chain(owner="MainThread", kind="thread", process=1, frames=frames)


def test_a_task_is_what_lies_below_the_step_of_its_loop() -> None:
    loop = ("program.py:<module>", "asyncio/runners.py:run", "asyncio/events.py:_run")
    (task,) = running_tasks([chain(*loop, "program.py:main", "program.py:block")])
    assert (task.kind, task.owner) == ("task", "the task that runs in MainThread")
    assert [frame.function for frame in task.frames] == ["main", "block"]
    (task,) = running_tasks([chain("trio/_core/_run.py:unrolled_run", "program.py:main")])
    assert [frame.function for frame in task.frames] == ["main"]


def test_a_loop_that_waits_runs_no_task() -> None:
    assert list(running_tasks([chain("asyncio/base_events.py:_run_once", "selectors.py:select")])) == []
    assert list(running_tasks([chain("asyncio/events.py:_run")])) == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("python3.14", True),
        ("python3 7f00 /usr/lib/libpython3.15.so.1.0", True),
        ("python3.13", False),
        ("python3.14 /opt/libpython3.9.so", False),
        ("python3.14 /home/me/python3.9/_speedups.so", True),
        ("cat", False),
    ],
)
def test_the_tool_is_looked_for_where_it_can_be(names: str, *, expected: bool) -> None:
    assert has_tool(names) is expected


def interpreter(folder: Path, script: str) -> Path:
    """Make a program that stands for a Python 3.14."""
    file = folder / "python3.14"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o700)
    return file


def test_what_the_tool_prints_is_the_tree(tmp_path: Path) -> None:
    program = interpreter(tmp_path, 'echo "(T) Task-1 asked with $*"; echo "└──  main.run /a b/main.py:7"')
    tree = ask_interpreter(program, 4711, lambda file: f"<{file}>", within_s=60)
    assert tree == TaskTree(text="(T) Task-1 asked with -I -m asyncio pstree 4711\n└──  main.run </a b/main.py>:7")


@pytest.mark.parametrize("script", ["exit 1", "echo no; exit 1", "true", "exec sleep 600"])
def test_a_tool_that_cannot_look_gives_no_tree(tmp_path: Path, script: str) -> None:
    within_s = 0.05 if "sleep" in script else 60
    assert ask_interpreter(interpreter(tmp_path, script), os.getpid(), str, within_s=within_s) is None


def test_an_interpreter_that_lies_elsewhere_for_us_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = interpreter(tmp_path, "exit 0")
    monkeypatch.setattr(proc, "link", lambda _path: str(elsewhere))
    assert interpreter_with_tool(os.getpid()) is None
