"""Starts the command of an order: a session of its own, clean signals, nothing inherited but its three streams."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from bisectrix.supervise.containment.interface import CannotStartError, Child
from bisectrix.supervise.linux import let_anyone_trace_us
from bisectrix.supervise.order import Order


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipes:
    """Three pipes from a command; the last one says why it could not be executed, and a success closes it."""

    stdout: int
    stdout_end: int
    stderr: int
    stderr_end: int
    failure: int
    failure_end: int

    @classmethod
    def open(cls) -> Self:
        """Make them."""
        (stdout, stdout_end), (stderr, stderr_end), (failure, failure_end) = (os.pipe() for _ in range(3))
        return cls(
            stdout=stdout,
            stdout_end=stdout_end,
            stderr=stderr,
            stderr_end=stderr_end,
            failure=failure,
            failure_end=failure_end,
        )

    @property
    def ends(self) -> tuple[int, int, int]:
        """What belongs to the command."""
        return self.stdout_end, self.stderr_end, self.failure_end

    def close_ends(self) -> None:
        """Leave the command's ends to the command."""
        for end in self.ends:
            os.close(end)

    def complaint(self) -> str:
        """Wait until the command runs or cannot, and return why not; empty when it runs."""
        with os.fdopen(self.failure, "rb") as pipe:
            return pipe.read().decode()

    def child(self, pid: int, pidfd: int) -> Child:
        """Return the command that runs."""
        for stream in (self.stdout, self.stderr):
            os.set_blocking(stream, False)
        return Child(pid=pid, pidfd=pidfd, stdout=self.stdout, stderr=self.stderr)


def spawn(order: Order, first: Callable[[], object]) -> Child:
    """Start the command of an order as a child of this single-threaded process.

    Args:
        order: what to start.
        first: called in the child before anything else.

    Raises:
        CannotStartError: working folder or program cannot be used.
    """
    pipes = Pipes.open()
    pid = os.fork()
    if pid == 0:
        become(order, pipes, first)
    pipes.close_ends()
    if complaint := pipes.complaint():
        os.waitpid(pid, 0)
        raise cannot_start(order, complaint)
    return pipes.child(pid, os.pidfd_open(pid))


def cannot_start(order: Order, complaint: str) -> CannotStartError:
    """Say why the command of an order does not run."""
    return CannotStartError(f"cannot start {order.argv[0]} in {order.cwd}: {complaint}")


def become(order: Order, pipes: Pipes, first: Callable[[], object]) -> NoReturn:
    """Turn this forked process into the command."""
    try:
        first()
        os.setsid()
        _attach_streams(pipes.stdout_end, pipes.stderr_end)
        _reset_signals()
        _set_bounds()
        let_anyone_trace_us()
        os.umask(0o022)
        os.chdir(order.cwd)
        os.execvpe(order.argv[0], order.argv, dict(order.env))  # noqa: S606 - the command is the user's own, no shell
    except (OSError, ValueError) as error:
        os.write(pipes.failure_end, str(error).encode())
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
