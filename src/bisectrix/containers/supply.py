"""Containers for one cell: the next one is made while the last one is used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from bisectrix.containers.waiting import Waiting
from bisectrix.errors import InfraError


class Supply:
    """Containers for one cell, one for each order."""

    def __init__(
        self,
        make: Callable[[], Waiting],
        remove: Callable[[Waiting], None],
        orders: int,
        maker: ThreadPoolExecutor,
    ) -> None:
        """Make the first one now, in another thread.

        Args:
            make: returns one that waits.
            remove: called with each in the end.
            orders: so many will be asked for, perhaps more.
            maker: in whose threads they are made ahead.
        """
        self._make = make
        self._remove = remove
        self._left = orders
        self._maker = maker
        self._next: Future[Waiting] | None = None
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        """Begin."""
        self._prepare()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove one that nobody has asked for."""
        with self._guard:
            left, self._next = self._next, None
        if left is not None:
            with suppress(InfraError):
                self._remove(left.result())

    @contextmanager
    def one(self) -> Iterator[Waiting]:
        """Yield one that waits; it is removed when the block ends.

        Raises:
            InfraError: the engine refuses.
        """
        with self._guard:
            prepared, self._next = self._next, None
            self._prepare()
        waiting = prepared.result() if prepared is not None else self._make()
        try:
            yield waiting
        finally:
            self._remove(waiting)

    def _prepare(self) -> None:
        if self._left > 0:
            self._left -= 1
            self._next = self._maker.submit(self._make)
