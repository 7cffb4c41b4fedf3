"""Starts the command of an order: a session of its own, clean signals, nothing inherited but its three streams."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from bisectrix.supervise.containment.interface import CannotStartError, Child
from bisectrix.supervise.linux import let_anyone_trace_us
from bisectrix.supervise.order import Order


def spawn(order: Order) -> Child:
    """Start the command of an order as a child of this single-threaded process.

    Raises:
        CannotStartError: working folder or program cannot be used.
    """
    stdout, stdout_end = os.pipe()
    stderr, stderr_end = os.pipe()
    failure, failure_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(order, stdout_end, stderr_end, failure_end)
    for end in (stdout_end, stderr_end, failure_end):
        os.close(end)
    _raise_failure(order, pid, failure)
    for stream in (stdout, stderr):
        os.set_blocking(stream, False)
    return Child(pid=pid, pidfd=os.pidfd_open(pid), stdout=stdout, stderr=stderr)


def _raise_failure(order: Order, pid: int, failure: int) -> None:
    with os.fdopen(failure, "rb") as pipe:
        message = pipe.read().decode()
    if message:
        os.waitpid(pid, 0)
        text = f"cannot start {order.argv[0]} in {order.cwd}: {message}"
        raise CannotStartError(text)


def _become(order: Order, stdout: int, stderr: int, failure: int) -> NoReturn:
    """Turn the forked child into the command; a failure is written to `failure`, which a success closes."""
    try:
        os.setsid()
        _attach_streams(stdout, stderr)
        _reset_signals()
        _set_bounds()
        let_anyone_trace_us()
        os.umask(0o022)
        os.chdir(order.cwd)
        os.execvpe(order.argv[0], order.argv, dict(order.env))  # noqa: S606 - the command is the user's own, no shell
    except (OSError, ValueError) as error:
        os.write(failure, str(error).encode())
    finally:
        os._exit(127)


def _attach_streams(stdout: int, stderr: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)


def _reset_signals() -> None:
    """Undo what the caller set: `nohup`, a shell's `&` and many CI systems leave signals ignored."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _set_bounds() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
