"""Answers of the probe, which the program under test could have written itself."""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path

import pytest

from bisectrix.model.frames import shorten
from bisectrix.supervise import task_dumps
from bisectrix.supervise.instrument import PROBE
from bisectrix.supervise.task_dumps import Dump, Loop, NoDump, Task, read_dump

ANSWER = {
    "pid": 7,
    "python": "3.13.0",
    "threads": [
        {"name": "pool", "main": False, "frames": []},
        {"name": "MainThread", "main": True, "frames": [["/srv/program.py", "main", 3]]},
    ],
    "loops": [
        {"kind": "Loop", "running": True, "timers": None, "next_timer_s": None, "ready": None, "descriptors": None}
    ],
    "tasks": [{"id": 5, "name": "Task-1", "state": "waiting", "waits_for": "Event.wait", "awaits": [6], "frames": []}],
    "task_count": 1,
}


def test_an_answer_becomes_values_with_the_main_thread_first(tmp_path: Path) -> None:
    file = tmp_path / "tasks-7.json"
    file.write_text(json.dumps(ANSWER), encoding="utf-8")
    dump = read_dump(file, shorten, 4711)
    assert isinstance(dump, Dump)
    assert [(thread.owner, thread.process) for thread in dump.threads] == [("MainThread", 4711), ("pool", 4711)]
    assert dump.loops == (
        Loop(kind="Loop", running=True, timers=None, next_timer_s=None, ready=None, descriptors=None),
    )
    assert dump.tasks == (
        Task(number=5, name="Task-1", state="waiting", waits_for="Event.wait", awaits=(6,), frames=()),
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"pid": null}', "[" * 100_000, '{"pid": 1, "threads": 3}'])
def test_an_answer_in_another_form_is_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tasks-7.json"
    file.write_text(text, encoding="utf-8")
    answer = read_dump(file, shorten, 4711)
    assert isinstance(answer, NoDump)
    assert answer.reason.startswith("the probe's answer cannot be read: ")


def test_an_answer_that_is_no_file_of_its_own_is_not_followed(tmp_path: Path) -> None:
    secret, link, fifo = tmp_path / "secret", tmp_path / "link", tmp_path / "fifo"
    secret.write_text(json.dumps(ANSWER), encoding="utf-8")
    link.symlink_to(secret)
    os.mkfifo(fifo)
    assert isinstance(read_dump(link, shorten, 4711), NoDump)
    assert isinstance(read_dump(fifo, shorten, 4711), NoDump)
    assert isinstance(read_dump(tmp_path, shorten, 4711), NoDump)


def test_the_probe_listens_to_the_signals_that_we_send() -> None:
    probe = runpy.run_path(str(PROBE))
    assert (probe["TASKS_SIGNAL"], probe["STACKS_SIGNAL"]) == (task_dumps.TASKS_SIGNAL, task_dumps.STACKS_SIGNAL)
