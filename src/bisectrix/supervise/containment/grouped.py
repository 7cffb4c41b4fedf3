"""Adds a control group to another containment."""

from __future__ import annotations

import os
from collections.abc import Callable

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.supervise.containment.group import Group
from bisectrix.supervise.containment.interface import CannotStartError, Child, Containment
from bisectrix.supervise.order import Order


class Grouped:
    """What another containment starts, in a group of its own."""

    def __init__(self, group: Group, inner: Callable[[tuple[int, ...]], Containment]) -> None:
        """Take the group over; `inner` is given the doors at which its recruit must announce itself."""
        self._group = group
        self._used_s = 0.0
        self._peak_bytes = 0
        doors = group.doors()
        self._inner = inner(doors)
        for door in doors:
            os.close(door)

    @property
    def how(self) -> Contained:
        """What holds them."""
        return self._inner.how

    @property
    def main(self) -> Exited | Signalled | None:
        """How the main process ended."""
        return self._inner.main

    @property
    def cpu_s(self) -> float:
        """Time on a core that is known to have been used; after the end, that of the killed, too."""
        return max(self._inner.cpu_s, self._used_s)

    @property
    def counted_cpu_s(self) -> float:
        """Time on a core of all that ever was in the group."""
        return self._group.cpu_s

    @property
    def peak_bytes(self) -> int:
        """The most memory that is known to have been used; after the end, that of one just killed for it, too."""
        return max(self._inner.peak_bytes, self._peak_bytes)

    @property
    def left(self) -> tuple[str, ...]:
        """What outlived the processes."""
        return self._inner.left

    def start(self, order: Order) -> Child:
        """Bound the group, and start the command in it."""
        try:
            self._group.bound(order.limits)
        except OSError as error:
            message = f"no control group: {error}"
            raise CannotStartError(message) from None
        return self._inner.start(order)

    def collect(self) -> None:
        """Take note of what has ended."""
        self._inner.collect()

    def pids(self) -> tuple[int, ...]:
        """Return all processes that belong to it."""
        return self._inner.pids()

    def limit_crossed(self) -> Limited | None:
        """Return the bound that the kernel has enforced."""
        return self._group.crossed() or self._inner.limit_crossed()

    def stop(self) -> tuple[int, ...]:
        """Stop all processes."""
        return self._inner.stop()

    def end(self) -> bool:
        """Kill the group as one, and remove it; one that something stuck keeps is left to whoever sweeps next."""
        self._group.kill()
        ended = self._inner.end()
        self._used_s, self._peak_bytes = self._group.cpu_s, self._group.peak_bytes
        return ended and self._group.remove()
