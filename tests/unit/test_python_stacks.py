"""Stacks as py-spy and faulthandler write them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bisectrix.model.attempt import Frame
from bisectrix.model.frames import shorten
from bisectrix.supervise.python_stacks import NoStacks, Stacks, parse_faulthandler, sample

FAULTHANDLER = """\
Thread 0x00007f01 [asyncio_0] (most recent call first):
  File "/usr/lib/python3.13/threading.py", line 359 in wait
  File "/srv/program.py", line 3 in work

Thread 0x00007f02 (most recent call first):
  File "<string>", line ??? in other
  ...

Current thread 0x00007f03 (most recent call first):
  File "/srv/program.py", line 9 in deadlock
  File "/srv/program.py", line 11 in <module>
"""


def py_spy(folder: Path, script: str) -> Path:
    """Make a program that stands in for py-spy."""
    program = folder / "py-spy"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    return program


def looked(program: Path | None, *, within_s: float = 60.0) -> Stacks | NoStacks:
    return sample(program, 7, shorten, within_s=within_s)


def test_faulthandler_names_innermost_first_and_we_the_main_thread_and_outermost_first() -> None:
    main, pool, other = parse_faulthandler(FAULTHANDLER, 7, shorten)
    assert (main.owner, pool.owner, other.owner) == ("MainThread", "asyncio_0", "thread 0x00007f02")
    assert [(frame.function, frame.line) for frame in main.frames] == [("<module>", 11), ("deadlock", 9)]
    assert [frame.file for frame in pool.frames] == ["program.py", "threading.py"]
    assert other.frames == (Frame(file="<string>", function="other", line=0),)


def test_text_that_is_no_stack_holds_none() -> None:
    assert parse_faulthandler('  File "x", line 1 in f\nnonsense', 7, shorten) == ()


ANSWER = """cat <<'END'
[{"thread_name": "pool", "os_thread_id": 8, "thread_id": 1, "frames": []},
 {"thread_name": null, "os_thread_id": 7, "thread_id": 2, "frames": [
  {"name": "Runner.run", "filename": "/usr/lib/python3.13/asyncio/runners.py", "line": 118},
  {"name": "main.<locals>.<lambda>", "filename": "/srv/program.py", "line": 3}]}]
END"""


def test_the_main_thread_comes_first_and_names_are_those_that_every_python_knows(tmp_path: Path) -> None:
    stacks = looked(py_spy(tmp_path, ANSWER))
    assert isinstance(stacks, Stacks)
    assert [thread.owner for thread in stacks.threads] == ["MainThread", "pool"]
    assert stacks.threads[0].frames == (
        Frame(file="program.py", function="<lambda>", line=3),
        Frame(file="asyncio/runners.py", function="run", line=118),
    )


@pytest.mark.parametrize(("number", "has_main"), [("7", True), ("null", True), ("8", False)])
def test_a_look_at_another_interpreter_of_the_process_has_no_main_thread(
    tmp_path: Path, number: str, *, has_main: bool
) -> None:
    answer = f"""echo '[{{"thread_name": null, "os_thread_id": {number}, "thread_id": 1, "frames": []}}]'"""
    stacks = looked(py_spy(tmp_path, answer))
    assert isinstance(stacks, Stacks)
    assert stacks.has_main is has_main


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'Error: Permission Denied' >&2; exit 1", "py-spy could not look: Error: Permission Denied"),
        ("exit 1", "py-spy could not look: it said nothing"),
        ("echo nonsense", "py-spy answered in a form we do not know: "),
        ("echo '[{}]'", "py-spy answered in a form we do not know: KeyError('frames')"),
    ],
)
def test_a_py_spy_that_fails_is_a_sentence(tmp_path: Path, script: str, reason: str) -> None:
    answer = looked(py_spy(tmp_path, script))
    assert isinstance(answer, NoStacks)
    assert answer.reason.startswith(reason)


def test_a_py_spy_that_is_missing_or_no_program_is_a_sentence(tmp_path: Path) -> None:
    assert looked(None) == NoStacks(reason="py-spy is not installed")
    broken = looked(tmp_path)
    assert isinstance(broken, NoStacks)
    assert broken.reason.startswith("py-spy could not be started: ")


def test_a_py_spy_that_hangs_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    assert looked(py_spy(tmp_path, f"exec cat {fifo}"), within_s=0.1) == NoStacks(
        reason="py-spy did not answer within 0.1 s"
    )
