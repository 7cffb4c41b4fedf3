"""Asks the probe inside Python processes for their tasks, and reads what it answers."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bisectrix.model.attempt import Chain, Frame
from bisectrix.supervise import proc
from bisectrix.supervise.python_stacks import NoStacks, Shorten, Stacks, parse_faulthandler

TASKS_SIGNAL = 40
STACKS_SIGNAL = 41
"""The numbers that `probe/tasks.py` listens to; a test compares them."""

_REPEAT_S = 0.2
_MOMENT_S = 0.2
_BLOCKED = "the program blocks the probe's signal"
_LOOK_S = 0.01
_LARGEST_DUMP = 16 << 20
_TGKILL: Mapping[str, int] = {"x86_64": 234, "aarch64": 131}


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One unfinished task of asyncio or trio.

    Attributes:
        state: `waiting`, `ready` or `running`.
        waits_for: in words, `Event.wait`; empty when it does not wait.
        awaits: numbers of the tasks that would wake it.
        frames: outermost first.
        scope: `asked to cancel`, `time limit in 2.5 s`; empty where there is neither.
    """

    number: int
    name: str
    state: str
    waits_for: str
    awaits: tuple[int, ...]
    frames: tuple[Frame, ...]
    scope: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loop:
    """What could still wake an event loop up; None where its kind does not tell."""

    kind: str
    running: bool
    timers: int | None
    next_timer_s: float | None
    ready: int | None
    descriptors: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Dump:
    """What the probe in one process answered.

    Attributes:
        threads: the main thread first.
        task_count: of all unfinished tasks; `tasks` holds no more than the first thousand.
    """

    pid: int
    python: str
    threads: tuple[Chain, ...]
    loops: tuple[Loop, ...]
    tasks: tuple[Task, ...]
    task_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NoDump:
    """Why the probe did not answer, one sentence."""

    reason: str


def ask_for_tasks(pids: Sequence[int], folder: Path, shorten: Shorten, *, until: float) -> dict[int, Dump | NoDump]:
    """Ask all processes at once, again and again until each has answered or the clock says `until`.

    Args:
        pids: Python processes.
        folder: where the probe leaves its answers.
        shorten: makes a file's name independent of the machine.
        until: on the monotonic clock.
    """
    answers: dict[int, Dump | NoDump] = {}
    waiting = {}
    for pid in pids:
        if reason := _deaf(pid, TASKS_SIGNAL):
            answers[pid] = NoDump(reason=reason)
        else:
            waiting[pid] = folder / f"tasks-{proc.pid_inside(pid)}.json"
            with suppress(OSError):
                waiting[pid].unlink()
    next_call = 0.0
    while waiting and time.monotonic() < until:
        if time.monotonic() >= next_call:
            _send_to_main_threads(waiting, TASKS_SIGNAL)
            next_call = time.monotonic() + _REPEAT_S
        time.sleep(_LOOK_S)
        for pid in [pid for pid, file in waiting.items() if file.exists()]:
            answers[pid] = read_dump(waiting.pop(pid), shorten, pid)
    return answers | {pid: NoDump(reason="the probe did not answer in time") for pid in waiting}


def ask_for_stacks(pid: int, folder: Path, shorten: Shorten, *, until: float) -> Stacks | NoStacks:
    """Ask faulthandler in a process, which answers from C whatever its main thread is doing."""
    if reason := _deaf(pid, STACKS_SIGNAL):
        return NoStacks(reason=reason)
    file = folder / "stacks.txt"
    before = _content(file)
    next_call, text = 0.0, b""
    while time.monotonic() < until:
        if not text and time.monotonic() >= next_call:
            _send_to_main_threads([pid], STACKS_SIGNAL)
            next_call = time.monotonic() + _REPEAT_S
        time.sleep(_LOOK_S)
        latest = _content(file)[len(before) :]
        if text and latest == text:
            break
        text = latest
    if not text:
        return NoStacks(reason="faulthandler in the process did not answer in time")
    return Stacks(source="faulthandler", threads=parse_faulthandler(text.decode(errors="replace"), pid, shorten))


def _deaf(pid: int, number: int) -> str:
    """Say why a process cannot hear a signal, after a moment if it is blocked: to start a thread blocks all of them."""
    give_up = time.monotonic() + _MOMENT_S
    while (reason := _deaf_now(pid, number)) == _BLOCKED and time.monotonic() < give_up:
        time.sleep(_LOOK_S)
    return reason


def _deaf_now(pid: int, number: int) -> str:
    """Say why a process cannot hear a signal; empty when it can. Unheard, a real-time signal would kill it."""
    status = dict(line.split(":", 1) for line in proc.read(f"/proc/{pid}/status").decode().splitlines() if ":" in line)
    state = status.get("State", "X").strip()[:1]
    if state in {"X", "Z"}:
        return "the process has ended"
    if not _bit(status.get("SigCgt", ""), number):
        return "no probe in this process listens"
    if state in {"T", "t"}:
        return "the process is stopped"
    return _BLOCKED if _bit(status.get("SigBlk", ""), number) else ""


def _bit(mask: str, number: int) -> bool:
    return bool(int(mask.strip() or "0", 16) >> (number - 1) & 1)


def _send_to_main_threads(pids: Mapping[int, Path] | Sequence[int], number: int) -> None:
    """Send to the main thread itself; sent to a process, any other thread may take it and the main one sleep on."""
    call = _TGKILL.get(platform.machine())
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in pids:
        if _deaf_now(pid, number):
            continue
        if call is None:
            with suppress(OSError):
                os.kill(pid, number)
        else:
            libc.syscall(call, pid, pid, number)


def _content(file: Path) -> bytes:
    """Return what a regular file holds, nothing for anything else: the program under test may have put it there."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        with os.fdopen(os.dup(descriptor), "rb") as opened:
            return opened.read(_LARGEST_DUMP)
    finally:
        os.close(descriptor)


def read_dump(file: Path, shorten: Shorten, pid: int) -> Dump | NoDump:
    """Read an answer of the probe in a process, which may know itself by another number than `pid`."""
    try:
        return parse_dump(json.loads(_content(file)), shorten, pid)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return NoDump(reason=f"the probe's answer cannot be read: {error!r}")


def parse_dump(answer: Mapping[str, Any], shorten: Shorten, pid: int) -> Dump:
    """Turn the JSON of `probe/dump.py` into values.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it has another form.
    """
    threads = sorted(answer["threads"], key=lambda thread: not thread["main"])
    return Dump(
        pid=pid,
        python=str(answer["python"]),
        threads=tuple(
            Chain(owner=str(thread["name"]), kind="thread", process=pid, frames=_frames(thread["frames"], shorten))
            for thread in threads
        ),
        loops=tuple(_loop(loop) for loop in answer["loops"]),
        tasks=tuple(_tasks(answer["tasks"], shorten)),
        task_count=int(answer["task_count"]),
    )


def _frames(places: Sequence[tuple[str, str, int]], shorten: Shorten) -> tuple[Frame, ...]:
    return tuple(Frame(file=shorten(file), function=function, line=line) for file, function, line in places)


def _loop(loop: Mapping[str, Any]) -> Loop:
    descriptors = loop["descriptors"]
    return Loop(
        kind=str(loop["kind"]),
        running=bool(loop["running"]),
        timers=loop["timers"],
        next_timer_s=loop["next_timer_s"],
        ready=loop["ready"],
        descriptors=None if descriptors is None else tuple(descriptors),
    )


def _tasks(tasks: Sequence[Mapping[str, Any]], shorten: Shorten) -> Iterator[Task]:
    for task in tasks:
        yield Task(
            number=int(task["id"]),
            name=str(task["name"]),
            state=str(task["state"]),
            waits_for=str(task["waits_for"]),
            awaits=tuple(int(number) for number in task["awaits"]),
            frames=_frames(task["frames"], shorten),
            scope=str(task.get("scope", "")),
        )
