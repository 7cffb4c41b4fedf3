"""Evidence as it is read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bisectrix.model.attempt import Chain, Frame
from bisectrix.supervise import evidence_text
from bisectrix.supervise.python_stacks import NoStacks, Stacks
from bisectrix.supervise.task_dumps import Dump, Loop, NoDump, Task

GONE = 0
"""No process has this number, so nothing of the machine stands in the text."""


def frame(file: str, line: int, function: str) -> Frame:
    return Frame(file=file, function=function, line=line)


def task(name: str, *frames: Frame, waits_for: str = "", awaits: tuple[int, ...] = (), state: str = "waiting") -> Task:
    number = int(name.rpartition("-")[2])
    return Task(number=number, name=name, state=state, waits_for=waits_for, awaits=awaits, frames=frames)


def dump(*tasks: Task, task_count: int = 0) -> Dump:
    loop = Loop(kind="Loop", running=True, timers=1, next_timer_s=2.04, ready=0, descriptors=(4, 6))
    silent = Loop(kind="uvloop", running=False, timers=None, next_timer_s=None, ready=None, descriptors=None)
    return Dump(
        pid=GONE,
        python="3.13.0",
        threads=(),
        loops=(loop, silent),
        tasks=tasks,
        task_count=task_count or len(tasks),
    )


def test_tasks_stand_below_the_task_that_waits_for_them() -> None:
    text = evidence_text.tasks(
        {
            GONE: dump(
                task("Task-1", frame("program.py", 20, "main"), waits_for="gather of 2", awaits=(2, 3)),
                task("Task-2", frame("program.py", 5, "a"), waits_for="Task-4", awaits=(4,)),
                task(
                    "Task-3",
                    frame("program.py", 9, "b"),
                    frame("asyncio/locks.py", 213, "wait"),
                    waits_for="Event.wait",
                ),
                task("Task-4", frame("program.py", 7, "c"), state="running"),
                task("Task-5", state="ready"),
            )
        }
    )
    assert (
        text
        == """\
process 0, which has ended: 5 unfinished tasks, Python 3.13.0
  Loop, running: 1 timer (next in 2.0 s), 0 ready, watches descriptors 4, 6
  uvloop, not running: it does not tell its timers

  Task-1 waits for gather of 2
  │  program.py:20  main
  ├─ Task-2 waits for Task-4
  │  │  program.py:5  a
  │  └─ Task-4 runs now
  │        program.py:7  c
  └─ Task-3 waits for Event.wait
        program.py:9          b
        asyncio/locks.py:213  wait

  Task-5 could go on, its loop has not come to it
"""
    )


def test_what_is_not_told_is_counted() -> None:
    assert "\n  and 41 more\n" in evidence_text.tasks({GONE: dump(task("Task-1"), task_count=42)})


def test_stacks_name_who_looked_or_why_nobody_could() -> None:
    thread = Chain(owner="MainThread", kind="thread", process=GONE, frames=(frame("program.py", 3, "main"),))
    text = evidence_text.stacks({GONE: Stacks(source="py-spy", threads=(thread,)), 1 << 30: NoStacks(reason="no time")})
    assert (
        text
        == """\
process 0, which has ended: stacks by py-spy, outermost call first

  MainThread
    program.py:3  main

process 1073741824, which has ended: no stacks, no time
"""
    )


def test_no_process_is_said_in_words() -> None:
    assert evidence_text.stacks({}) == evidence_text.tasks({}) == "no Python process\n"


def test_a_name_cannot_steer_the_terminal() -> None:
    text = evidence_text.tasks({GONE: dump(task("\x1b[2J\n\udc80-1"))})
    assert r"\x1b[2J\n\udc80-1 waits for something unknown" in text


def test_our_own_process_is_described_by_the_kernel() -> None:
    line = evidence_text.processes([os.getpid()])
    assert line.startswith(f"{os.getpid()} running, ")
    assert Path(sys.executable).name in line


def test_silence_is_a_sentence() -> None:
    assert (
        evidence_text.tasks({GONE: NoDump(reason="it is stopped")})
        == "process 0, which has ended: no tasks, it is stopped\n"
    )
