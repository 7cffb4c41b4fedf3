"""Bounded helper programs: started in a group of their own, given a deadline, and ended with all they started."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bisectrix.errors import InfraError, TooSlowError
from bisectrix.supervise.cancelled import Cancelled

LOOK_AT_EVENT_S = 0.1
KILLED_WITHIN_S = 10.0  # a process that the kernel holds for longer, on a dead disk, is left to it


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """A helper that ended by itself; `exit_code` is minus the signal's number where a signal ended it."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    deadline_s: float,
    cwd: Path | None = None,
    input_text: str = "",
    keep_open: Sequence[int] = (),
    cancelled: threading.Event | None = None,
) -> Completed:
    """Run a helper to its end and return what it wrote.

    Whatever of its process group is still alive when it ends, or when the deadline passes, is killed.
    Its output goes through files, so a descendant that keeps them open holds nobody up.

    Args:
        argv: the program and its arguments; no shell.
        env: all of its environment; nothing of ours is added.
        deadline_s: the longest it may take.
        cwd: where it runs; None means where we are.
        input_text: what it reads from its standard input.
        keep_open: descriptors it inherits, such as that of a lock which it holds on should we be killed.
        cancelled: ends it when set.

    Raises:
        Cancelled: `cancelled` was set before it had ended.
        InfraError: it cannot be started.
        TooSlowError: it was still running at the deadline.
    """
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(input_text.encode())
        source.seek(0)
        process = _start(argv, env, cwd, (source, out, err), keep_open)
        ended = _watch(process)
        try:
            in_time = _wait(ended, deadline_s, cancelled)
        finally:
            _end(process, ended)
        if not in_time:
            raise _too_slow(argv, deadline_s)
        return Completed(exit_code=process.returncode, stdout=_text(out), stderr=_text(err))


def _start(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | None,
    streams: tuple[IO[bytes], IO[bytes], IO[bytes]],
    keep_open: Sequence[int],
) -> subprocess.Popen[bytes]:
    source, out, err = streams
    try:
        return subprocess.Popen(  # noqa: S603  (our own helpers, no shell)
            argv,
            env=env,
            cwd=cwd,
            stdin=source,
            stdout=out,
            stderr=err,
            start_new_session=True,
            pass_fds=keep_open,
        )
    except OSError as error:
        raise InfraError(
            f"cannot start {argv[0]}: {error.strerror}",
            hint=f"check that {_name(argv)} is installed and may be executed",
        ) from None


def _watch(process: subprocess.Popen[bytes]) -> threading.Thread:
    """Return a thread that lives as long as the process; it does not reap, so the group's id stays ours."""
    ended = threading.Thread(target=os.waitid, args=(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT), daemon=True)
    ended.start()
    return ended


def _wait(ended: threading.Thread, deadline_s: float, cancelled: threading.Event | None) -> bool:
    """Wait for the end and say whether it came in time."""
    give_up_at = time.monotonic() + deadline_s
    while ended.is_alive() and time.monotonic() < give_up_at:
        ended.join(min(LOOK_AT_EVENT_S, deadline_s))
        if cancelled is not None and cancelled.is_set() and ended.is_alive():
            raise Cancelled
    return not ended.is_alive()


def _end(process: subprocess.Popen[bytes], ended: threading.Thread) -> None:
    with suppress(ProcessLookupError, PermissionError):  # PermissionError: a group of only the dead, on macOS
        os.killpg(process.pid, signal.SIGKILL)
    ended.join(KILLED_WITHIN_S)
    if not ended.is_alive():
        process.wait()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def _name(argv: Sequence[str]) -> str:
    return Path(argv[0]).name


def _too_slow(argv: Sequence[str], deadline_s: float) -> TooSlowError:
    return TooSlowError(
        f"{_name(argv)} was still running after {deadline_s:g} s and was ended with all it had started",
        hint="run it again on a machine with less load or a faster network",
    )
