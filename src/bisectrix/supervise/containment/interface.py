"""What the warden asks of whatever holds the processes of an order together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.supervise.order import Order


class LostError(Exception):
    """A process of our own that holds the others was killed, and with it all others."""


class CannotStartError(Exception):
    """The command of an order could not be executed."""


class RefusalError(CannotStartError):
    """An order of a repro that nobody trusts, where nothing bounds it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """A command that runs; the three descriptors belong to whoever holds this.

    Attributes:
        pid: as this side of any namespace sees it.
        pidfd: becomes readable when all threads of the process have ended.
        stdout, stderr: reading ends, non-blocking.
        root: where the file system that the command sees begins for us.
        keeper: a process of ours that stays beside the command and is no descendant of ours; 0 where there is none.
    """

    pid: int
    pidfd: int
    stdout: int
    stderr: int
    root: Path = Path("/")
    keeper: int = 0


class Containment(Protocol):
    """The processes of one order: how they start, which they are, what bounds them, how they are ended.

    All pids are as the caller sees them. One containment serves one order and a single thread.
    """

    @property
    def how(self) -> Contained:
        """What it holds them by, and what of the order it cannot fulfil."""

    @property
    def main(self) -> Exited | Signalled | None:
        """How the main process ended; None while it lives."""

    @property
    def cpu_s(self) -> float:
        """Time on a core that is known to have been used; complete after `end`."""

    @property
    def counted_cpu_s(self) -> float:
        """Time on a core of all that ever belonged to it, where the kernel counts that as one; else 0."""

    @property
    def peak_bytes(self) -> int:
        """The most memory that is known to have been used; complete after `end`."""

    @property
    def left(self) -> tuple[str, ...]:
        """What outlived the processes and went with no namespace, as `Execution.leaked` has it; complete after `end`."""

    def start(self, order: Order) -> Child:
        """Start the command.

        Raises:
            CannotStartError: working folder or program cannot be used.
        """

    def collect(self) -> None:
        """Take note of what has ended, without waiting.

        Raises:
            LostError: it cannot go on.
        """

    def pids(self) -> tuple[int, ...]:
        """Return all processes that belong to it, zombies among them, the first one first."""

    def limit_crossed(self) -> Limited | None:
        """Return the bound that the kernel has enforced, if any; those that are only watched are the caller's."""

    def stop(self) -> tuple[int, ...]:
        """Bring every process to a stop and return those that live, so that they can be named."""

    def end(self) -> bool:
        """Kill and collect every process, and give back what was made for them.

        Returns:
            Whether nothing is left; false means that the kernel holds a process.
        """


Contain: TypeAlias = Callable[[Order], Containment]
"""Makes the containment of an order; nothing is started before it is asked to."""
