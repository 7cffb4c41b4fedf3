"""Tasks without the probe: by the interpreter's own tool from Python 3.14 on, or from the stack of the thread."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.attempt import Chain
from bisectrix.supervise import proc
from bisectrix.supervise.python_stacks import Shorten

_FIRST_WITH_TOOL = (3, 14)
_VERSION = re.compile(r"(?:^|/lib)python(\d+)\.(\d+)")
_FILE = re.compile(r"(?<=\s)/.+(?=:\d+$)", re.MULTILINE)
_STEPS = frozenset({("asyncio/events.py", "_run"), ("trio/_core/_run.py", "unrolled_run")})
"""Places in which a loop lets a task go on: what lies below on the stack is the task's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskTree:
    """What `python -m asyncio pstree` printed, with the names of files as stacks have them."""

    text: str


def interpreter_with_tool(pid: int) -> Path | None:
    """Return the interpreter of a process if it can show the tasks of another process, else None.

    Where its name leads us to another file than the process, in a container, there is none that we could start.
    """
    executable = Path(proc.link(f"/proc/{pid}/exe"))
    names = f"{executable.name} {proc.read(f'/proc/{pid}/maps').decode(errors='replace')}"
    return executable if has_tool(names) and _is_executed_by(pid, executable) else None


def _is_executed_by(pid: int, executable: Path) -> bool:
    try:
        return executable.samefile(f"/proc/{pid}/exe")
    except OSError:
        return False


def has_tool(names: str) -> bool:
    """Tell by the names of an executable and its libraries whether it is a Python that has the tool."""
    versions = {(int(major), int(minor)) for major, minor in _VERSION.findall(names)}
    return bool(versions) and min(versions) >= _FIRST_WITH_TOOL


def ask_interpreter(interpreter: Path, pid: int, shorten: Shorten, *, within_s: float) -> TaskTree | None:
    """Have the cell's own interpreter read the tasks out of the memory of a process; None when it cannot."""
    command = [str(interpreter), "-I", "-m", "asyncio", "pstree", str(pid)]
    try:
        done = subprocess.run(  # noqa: S603  our own arguments
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=within_s, check=False, env={}
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    text = done.stdout.decode(errors="replace").strip("\n")
    return TaskTree(text=_FILE.sub(lambda file: shorten(file[0]), text)) if text and not done.returncode else None


def running_tasks(threads: Iterable[Chain]) -> Iterator[Chain]:
    """Yield the task that runs in each thread that stands in one, with its frames only."""
    for thread in threads:
        steps = [at for at, frame in enumerate(thread.frames) if (frame.file, frame.function) in _STEPS]
        if steps and (frames := thread.frames[steps[-1] + 1 :]):
            owner = f"the task that runs in {thread.owner}"
            yield Chain(owner=owner, kind="task", process=thread.process, frames=frames)
