"""How many things may happen at once, with room made by those that only wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bisectrix.errors import BisectrixError

CHECK_S = 0.2


class StoppedError(BisectrixError):
    """The run was stopped before this cell had a result; nothing of it is recorded."""


class Slots:
    """A counter of running attempts that an attempt gives back while it waits without using the processor.

    An attempt that hangs costs time but no processor, so it must not keep others from starting. One that moves
    again after it was idle goes on at once: the count may then exceed the limit until somebody ends.
    """

    def __init__(self, limit: int, cancelled: threading.Event) -> None:
        """Allow `limit` busy ones; a set `cancelled` ends all waiting."""
        self._limit = limit
        self._cancelled = cancelled
        self._busy = 0
        self._present = 0
        self._changed = threading.Condition()

    @contextmanager
    def hold(self) -> Iterator[tuple[int, Callable[[bool], None]]]:
        """Wait for room, then yield how many are present, and a function to call with True when idle.

        Raises:
            StoppedError: the run was cancelled while waiting.
        """
        idle = False

        def set_idle(now_idle: bool) -> None:  # noqa: FBT001  (a state, told by a callback)
            nonlocal idle
            if now_idle != idle:
                idle = now_idle
                self._count(-1 if now_idle else 1)

        with self._changed:
            while self._busy >= self._limit and not self._cancelled.is_set():
                self._changed.wait(CHECK_S)
            if self._cancelled.is_set():
                raise StoppedError("stopped")
            self._busy += 1
            self._present += 1
            present = self._present
        try:
            yield present, set_idle
        finally:
            with self._changed:
                self._busy -= 0 if idle else 1
                self._present -= 1
                self._changed.notify_all()

    def _count(self, change: int) -> None:
        with self._changed:
            self._busy += change
            self._changed.notify_all()
