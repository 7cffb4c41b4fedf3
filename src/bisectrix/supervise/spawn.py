"""Starts the command of an order: a session of its own, clean signals, nothing inherited but its three streams.

A recruit is forked before there is an order, so that nobody waits for what takes long; given one, it becomes the command.
"""

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
    """Three pipes from a recruit and one to it.

    Attributes:
        failure: says why the command could not be executed; a success closes it.
        orders: brings the order; its end without one means that there is none.
    """

    stdout: int
    stdout_end: int
    stderr: int
    stderr_end: int
    failure: int
    failure_end: int
    orders: int
    orders_end: int

    @classmethod
    def open(cls) -> Self:
        """Make them."""
        (stdout, stdout_end), (stderr, stderr_end), (failure, failure_end) = (os.pipe() for _ in range(3))
        orders_end, orders = os.pipe()
        return cls(
            stdout=stdout,
            stdout_end=stdout_end,
            stderr=stderr,
            stderr_end=stderr_end,
            failure=failure,
            failure_end=failure_end,
            orders=orders,
            orders_end=orders_end,
        )

    @property
    def ends(self) -> tuple[int, int, int, int]:
        """What belongs to the recruit."""
        return self.stdout_end, self.stderr_end, self.failure_end, self.orders_end

    def close_ends(self) -> None:
        """Leave the recruit's ends to the recruit."""
        for end in self.ends:
            os.close(end)

    def give(self, order: Order) -> str:
        """Hand over the order, wait until its command runs or cannot, and return why not; empty when it runs."""
        lost = ""
        try:
            with os.fdopen(self.orders, "w", encoding="utf-8") as orders:
                orders.write(order.to_json())
        except BrokenPipeError:
            lost = "the process that was kept ready for it has ended"
        with os.fdopen(self.failure, "rb") as failure:
            return failure.read().decode() or lost


@dataclass(frozen=True, slots=True)
class Recruit:
    """A process that waits for an order; `pid` as this side of any namespace sees it, 0 where there is none."""

    pid: int
    pidfd: int
    pipes: Pipes

    def start(self, order: Order) -> Child:
        """Have it become the command of an order.

        Raises:
            CannotStartError: working folder or program cannot be used, or the recruit is no more.
        """
        if complaint := self.pipes.give(order):
            message = f"cannot start {order.argv[0]} in {order.cwd}: {complaint}"
            raise CannotStartError(message)
        for stream in (self.pipes.stdout, self.pipes.stderr):
            os.set_blocking(stream, False)
        return Child(pid=self.pid, pidfd=self.pidfd, stdout=self.pipes.stdout, stderr=self.pipes.stderr)


def recruit(first: Callable[[], object]) -> Recruit:
    """Fork a child of this single-threaded process that does what comes `first`, then waits for an order."""
    pipes = Pipes.open()
    pid = os.fork()
    if pid == 0:
        os.close(pipes.orders)
        serve(pipes, first, lambda _order: None)
    pipes.close_ends()
    return Recruit(pid, os.pidfd_open(pid), pipes)


def serve(pipes: Pipes, first: Callable[[], object], at_last: Callable[[Order], object]) -> NoReturn:
    """Be a recruit in this forked process.

    Args:
        pipes: its ends are ours.
        first: called at once.
        at_last: called when the order has come.
    """
    try:
        first()
        with os.fdopen(pipes.orders_end, encoding="utf-8") as orders:
            text = orders.read()
        if text:
            _become(Order.from_json(text), pipes, at_last)
    except OSError as error:
        os.write(pipes.failure_end, str(error).encode())
    finally:
        os._exit(127)


def _become(order: Order, pipes: Pipes, at_last: Callable[[Order], object]) -> NoReturn:
    """Turn this process into the command."""
    try:
        at_last(order)
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
