"""Where Python processes wait: asked of the probe in them."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import time
from pathlib import Path

from bisectrix.capsule import proc
from bisectrix.model.frames import shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Chain = list[str]

TASKS_SIGNAL, STACKS_SIGNAL = 40, 41
TGKILL = {"x86_64": 234, "aarch64": 131}
ANSWERS = "answers"
ANSWER_S = 5.0
LOOK_S = 0.05
DEEPEST = 100
FRAME = re.compile(r'  File "(?P<file>.*)", line \S+ in (?P<function>.*)')


def ask(pids: list[int], folder: Path) -> list[Chain]:
    """Return await chains and stacks as `file:function`, outermost first, those of tasks before those of threads."""
    answers = folder / ANSWERS
    asked = [pid for pid in pids if proc.catches(pid, TASKS_SIGNAL)]
    dumps = [dump for dump in (_dump(pid, answers) for pid in asked) if dump]
    roots = (str(folder / "work"), os.path.realpath(str(folder / "work")))
    chains = [[name(frame, roots) for frame in frames] for dump in dumps for frames in _chains(dump)]
    if asked and not dumps:
        chains = _faulthandler(asked[0], answers / "stacks.txt", roots)
    return [chain for chain in chains if chain]


def name(frame: list[Any], roots: tuple[str, ...]) -> str:
    """Return `httpx/_client.py:send`."""
    return f"{shorten(str(frame[0]), *roots)}:{frame[1]}"


def _dump(pid: int, answers: Path) -> dict[str, Any]:
    file = answers / f"tasks-{pid}.json"
    if _answered(pid, TASKS_SIGNAL, file):
        dump: dict[str, Any] = json.loads(file.read_bytes().decode("utf-8"))
        return dump
    return {}


def _answered(pid: int, number: int, file: Path) -> bool:
    give_up = time.monotonic() + ANSWER_S
    before = _size(file)
    _send(pid, number)
    while _size(file) == before:
        if time.monotonic() > give_up:
            return False
        time.sleep(LOOK_S)
    return True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


def _send(pid: int, number: int) -> None:
    """Send to the main thread itself, for only there Python runs handlers."""
    call = TGKILL.get(platform.machine())
    if call is None:
        os.kill(pid, number)
    else:
        ctypes.CDLL(None).syscall(call, pid, pid, number)


def _chains(dump: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield the chain of each task that waits for no other, from the outermost task down to it; then the threads."""
    tasks = {task["id"]: task for task in dump["tasks"]}
    awaited = {inner for task in dump["tasks"] for inner in task["awaits"]}
    tops = [task for task in dump["tasks"] if task["id"] not in awaited] or dump["tasks"][:1]
    for task in tops:
        yield from _down(task, tasks, DEEPEST)
    for thread in sorted(dump["threads"], key=lambda thread: not thread["main"]):
        yield thread["frames"]


def _down(task: dict[str, Any], tasks: dict[int, Any], depth: int) -> Iterator[list[Any]]:
    inner = [tasks[number] for number in task["awaits"] if number in tasks] if depth else []
    if not inner:
        yield task["frames"]
    for below in inner:
        for rest in _down(below, tasks, depth - 1):
            yield task["frames"] + rest


def _faulthandler(pid: int, file: Path, roots: tuple[str, ...]) -> list[Chain]:
    """Ask from C, where the main thread is stuck in it; each thread is the most recent call first."""
    if not proc.catches(pid, STACKS_SIGNAL) or not _answered(pid, STACKS_SIGNAL, file):
        return []
    time.sleep(LOOK_S)
    chains: list[Chain] = []
    for line in file.read_text("utf-8", "replace").splitlines():
        frame = FRAME.match(line)
        if frame and chains:
            chains[-1].insert(0, name([frame["file"], frame["function"]], roots))
        elif "most recent call first" in line:
            chains.append([])
    return chains
