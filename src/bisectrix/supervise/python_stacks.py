"""Stacks of the threads of a Python process: by py-spy from outside, else from what faulthandler wrote."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from bisectrix.model.attempt import Chain, Frame
from bisectrix.supervise import proc

Shorten: TypeAlias = Callable[[str], str]
_Read = TypeVar("_Read")

_MAIN = "MainThread"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stacks:
    """What one process was doing.

    Attributes:
        source: who looked, `py-spy`.
        threads: the main thread first, Python frames only.
        native: the same with what lies between and below them in C; empty where nobody asked for it.
        has_main: the main thread is among them. py-spy looks into one interpreter of a process that has several.
    """

    source: str
    threads: tuple[Chain, ...]
    native: tuple[Chain, ...] = ()
    has_main: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class NoStacks:
    """Why nothing is known, one sentence."""

    reason: str


def find_py_spy() -> Path | None:
    """Return the py-spy beside the interpreter of the harness, else the one along the PATH."""
    beside = Path(sys.executable).with_name("py-spy")
    if beside.is_file():
        return beside
    found = shutil.which("py-spy")
    return Path(found) if found else None


def sample(
    py_spy: Path | None, pid: int, shorten: Shorten, *, within_s: float, native: bool = False
) -> Stacks | NoStacks:
    """Look at a process with py-spy, without stopping it; it must not move, or the stacks may be torn.

    Native frames cannot be had without: with `native` py-spy stops the process meanwhile.
    """
    if py_spy is None:
        return NoStacks(reason="py-spy is not installed")
    if native:
        with_native = _dump(py_spy, pid, shorten, "--native", within_s=within_s / 2)
        if isinstance(with_native, Stacks):
            return with_native
    return _dump(py_spy, pid, shorten, "--nonblocking", within_s=within_s / 2 if native else within_s)


def sample_by_handle(py_spy: Path | None, pid: int, *, within_s: float) -> Mapping[int, tuple[Frame, ...]] | NoStacks:
    """Look without stopping it; return stacks by the address by which the threading library knows each thread.

    Files have their whole path; outermost frames come first.
    """
    if py_spy is None:
        return NoStacks(reason="py-spy is not installed")
    return _read_dump(
        _dumped(py_spy, pid, "--nonblocking", within_s=within_s),
        lambda threads: {
            thread["thread_id"]: tuple(_python_frame(frame, str) for frame in reversed(thread["frames"]))
            for thread in threads
        },
    )


def busy_stacks(
    py_spy: Path | None, pid: int, shorten: Shorten, *, within_s: float
) -> tuple[tuple[Frame, ...], ...] | NoStacks:
    """Look at the threads that run just now, without stopping them: the stacks may be torn; outermost frames first."""
    if py_spy is None:
        return NoStacks(reason="py-spy is not installed")
    return _read_dump(
        _dumped(py_spy, pid, "--nonblocking", within_s=within_s),
        lambda threads: tuple(
            tuple(_python_frame(frame, shorten) for frame in reversed(thread["frames"]))
            for thread in threads
            if thread["active"]
        ),
    )


def _dump(py_spy: Path, pid: int, shorten: Shorten, how: str, *, within_s: float) -> Stacks | NoStacks:
    def stacks(dumped: Sequence[Mapping[str, Any]]) -> Stacks:
        threads = _renumbered(dumped, pid)
        return Stacks(
            source="py-spy",
            threads=_main_first(parse_py_spy(threads, pid, shorten), pid),
            native=_main_first(parse_py_spy(threads, pid, shorten, native=True), pid) if how == "--native" else (),
            has_main=any(thread["os_thread_id"] in {pid, 0, None} for thread in threads),
        )

    return _read_dump(_dumped(py_spy, pid, how, within_s=within_s), stacks)


def _dumped(py_spy: Path, pid: int, how: str, *, within_s: float) -> bytes | NoStacks:
    command = [str(py_spy), "dump", "--pid", str(pid), how, "--json"]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=within_s, check=False)  # noqa: S603  our own arguments
    except subprocess.TimeoutExpired:
        return NoStacks(reason=f"py-spy did not answer within {within_s:.1f} s")
    except OSError as error:
        return NoStacks(reason=f"py-spy could not be started: {error}")
    if done.returncode:
        return NoStacks(reason=f"py-spy could not look: {_last_line(done.stderr)}")
    return done.stdout


def _read_dump(said: bytes | NoStacks, read: Callable[[Sequence[Mapping[str, Any]]], _Read]) -> _Read | NoStacks:
    if isinstance(said, NoStacks):
        return said
    try:
        return read(json.loads(said))
    except (ValueError, KeyError, TypeError) as error:
        return NoStacks(reason=f"py-spy answered in a form we do not know: {error!r}")


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _renumbered(threads: Sequence[Mapping[str, Any]], pid: int) -> list[dict[str, Any]]:
    """Give the main thread the number by which we know it; Python knows it by that of its own namespace."""
    inner = proc.pid_inside(pid)
    return [{**thread, **({"os_thread_id": pid} if thread.get("os_thread_id") == inner else {})} for thread in threads]


def parse_py_spy(
    threads: Sequence[Mapping[str, Any]], pid: int, shorten: Shorten, *, native: bool = False
) -> Iterator[tuple[int, Chain]]:
    """Yield the system's number of each thread with its stack; py-spy gives innermost frames first.

    Frames of C, which alone are said to lie in a module, are left out unless asked for.
    """
    for thread in threads:
        frames = tuple(
            _native_frame(frame) if frame.get("module") else _python_frame(frame, shorten)
            for frame in reversed(thread["frames"])
            if native or not frame.get("module")
        )
        number = thread["os_thread_id"] or 0
        name = thread["thread_name"] or (_MAIN if number == pid else f"thread {number or thread['thread_id']}")
        yield number, Chain(owner=name, kind="thread", process=pid, frames=frames)


def _python_frame(frame: Mapping[str, Any], shorten: Shorten) -> Frame:
    return Frame(file=shorten(frame["filename"]), function=_plain(frame["name"]), line=frame["line"])


def _native_frame(frame: Mapping[str, Any]) -> Frame:
    return Frame(file=frame["filename"].rpartition("/")[2], function=frame["name"], line=frame["line"])


def _plain(function: str) -> str:
    """Return `run` for `Runner.run`: from 3.11 on Python knows qualified names, and chains should not differ by that."""
    return function.rpartition(".")[2]


def _main_first(threads: Iterator[tuple[int, Chain]], pid: int) -> tuple[Chain, ...]:
    ordered = sorted(threads, key=lambda thread: thread[0] != pid and thread[1].owner != _MAIN)
    return tuple(chain for _, chain in ordered)


_THREAD_HEAD = re.compile(
    r"(?P<current>Current thread|Thread) 0x(?P<ident>[0-9a-f]+)(?: \[(?P<name>.*)\])? \(most recent"
)
_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<function>.*)')


def parse_faulthandler(text: str, pid: int, shorten: Shorten) -> tuple[Chain, ...]:
    """Read stacks as faulthandler writes them; the thread that got the signal, the main one, comes first."""
    found: list[tuple[bool, str, list[Frame]]] = []
    for line in text.splitlines():
        if head := _THREAD_HEAD.match(line):
            is_main = head["current"] == "Current thread"
            found.append((not is_main, _MAIN if is_main else head["name"] or f"thread 0x{head['ident']}", []))
        elif found and (frame := _FRAME.match(line)):
            number = int(frame["line"]) if frame["line"].isdigit() else 0
            found[-1][2].insert(0, Frame(file=shorten(frame["file"]), function=frame["function"], line=number))
    return tuple(
        Chain(owner=owner, kind="thread", process=pid, frames=tuple(frames))
        for _, owner, frames in sorted(found, key=lambda thread: thread[0])
    )
