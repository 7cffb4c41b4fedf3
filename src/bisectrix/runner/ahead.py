"""Environments for the probes that are likely to come next, made while others run."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from bisectrix.errors import BisectrixError
from bisectrix.supervise.cancelled import Cancelled


class Makes(Protocol):
    """Makes the environments of values; `Prober` is the one of the product."""

    def aside(self, stop: threading.Event) -> Self:
        """Return one that takes nobody's place and ends when `stop` is set."""

    def make(self, value: int) -> object:
        """Make the environment of one value where there is none."""


class Ahead:
    """Makes one environment at a time, each value once, in nobody's place; what is half made at the end is given up."""

    def __init__(self, maker: Makes) -> None:
        """Share with `maker` what is resolved and made."""
        self._stop = threading.Event()
        self._maker = maker.aside(self._stop)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._under_way: Future[None] | None = None
        self._guard = threading.Lock()
        self._wanted: list[int] = []
        self._begun: set[int] = set()

    def __enter__(self) -> Self:
        """Return itself; nothing is under way when the block has ended."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what is under way."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def offer(self, values: Sequence[int]) -> None:
        """Make the environments of these values next, in this order, and no longer of those offered before."""
        with self._guard:
            self._wanted = [value for value in values if value not in self._begun]
        if self._wanted and (self._under_way is None or self._under_way.done()):
            self._under_way = self._pool.submit(self._make_wanted)

    def _make_wanted(self) -> None:
        while (value := self._take()) is not None:
            with suppress(BisectrixError, Cancelled):  # the probe that needs it meets the same, and tells
                self._maker.make(value)

    def _take(self) -> int | None:
        with self._guard:
            if not self._wanted or self._stop.is_set():
                return None
            self._begun.add(self._wanted[0])
            return self._wanted.pop(0)
