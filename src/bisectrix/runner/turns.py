"""Keeps those that would do the same thing from doing it at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """One thread at a time for each key, and the news whether it is the first of this run."""

    def __init__(self) -> None:
        """Nobody had a turn yet."""
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._done: set[str] = set()

    @contextmanager
    def turn(self, key: str) -> Iterator[bool]:
        """Wait for a turn, and say whether it is the first with this key."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            try:
                yield key not in self._done
            finally:
                self._done.add(key)
