"""A lock between threads and processes that the kernel gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bisectrix.errors import InfraError
from bisectrix.supervise.cancelled import Cancelled

LOOK_AGAIN_S = 0.05


class FileLock:
    """One open lock file: held shared by those who use a thing, exclusively by one who makes or removes it."""

    def __init__(self, descriptor: int, file: Path, cancelled: threading.Event) -> None:
        """Take over an open descriptor; `opened` is the way to get one."""
        self.descriptor = descriptor
        self._file = file
        self._cancelled = cancelled

    @classmethod
    @contextmanager
    def opened(cls, file: Path, cancelled: threading.Event | None = None) -> Iterator[FileLock]:
        """Open the file, making it if need be; whatever is held when the block ends is given back.

        Waiting for it raises Cancelled once `cancelled` is set.
        """
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield cls(descriptor, file, cancelled or threading.Event())
        finally:
            os.close(descriptor)

    def share(self, *, within_s: float) -> None:
        """Hold it together with others who share it, giving up a hold of our own first.

        Raises:
            InfraError: somebody has held it exclusively all that time.
        """
        self._wait(fcntl.LOCK_SH, within_s)

    def own(self, *, within_s: float) -> None:
        """Hold it alone, giving up a hold of our own first.

        Raises:
            InfraError: somebody has held it all that time.
        """
        self._wait(fcntl.LOCK_EX, within_s)

    def try_to_own(self) -> bool:
        """Hold it alone if nobody holds it now."""
        return self._try(fcntl.LOCK_EX)

    def _wait(self, mode: int, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not self._try(mode):
            if self._cancelled.wait(LOOK_AGAIN_S):
                raise Cancelled
            if time.monotonic() > deadline:
                raise InfraError(
                    f"another process has held this lock for more than {within_s:g} s",
                    place=str(self._file),
                    hint=f"fuser {self._file} names it",
                )

    def _try(self, mode: int) -> bool:
        try:
            fcntl.flock(self.descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
