"""Shared memory that outlives the processes of an order, where no namespace goes with it: found, proved ours, removed.

What counts as proved: the kernel names one of those processes as its maker, or one of them had it open while it ran; it
was not there before, and nobody is left who uses it. What a process makes and closes between two looks stays.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress

from bisectrix.supervise import proc

_FOLDER = "/dev/shm"  # noqa: S108 - where the kernel keeps it, nothing of ours is put there
_SEGMENTS = "/proc/sysvipc/shm"
_NUMBER, _MAKER, _USERS = 1, 4, 6
_REMOVE = 0
_LIBC = ctypes.CDLL(None, use_errno=True)


class SharedMemory:
    """What the processes of one order have made."""

    def __init__(self) -> None:
        """Take what is there now for somebody else's."""
        self._files_before = frozenset(_files())
        self._segments_before = frozenset(number for number, _, _ in _segments())
        self._pids: set[int] = set()
        self._files: set[tuple[str, int]] = set()

    def note(self, pids: Sequence[int]) -> None:
        """Take note of processes of the order, and of the files that they have open."""
        self._pids.update(pids)
        for pid in pids:
            for _, path in proc.links(f"/proc/{pid}/fd"):
                if path.startswith(_FOLDER) and os.path.dirname(path) == _FOLDER:  # noqa: PTH120 - as below
                    with suppress(OSError):
                        self._files.add((path, os.stat(path).st_ino))  # noqa: PTH116 - four times a second for each

    def remove(self) -> None:
        """Remove what they have left, when all of them have ended."""
        for number, maker, users in _segments():
            if number not in self._segments_before and maker in self._pids and not users:
                _LIBC.shmctl(ctypes.c_int(number), ctypes.c_int(_REMOVE), None)
        left = (self._files & set(_files())) - self._files_before
        used = set(_used()) if left else set()
        for path, inode in left - used:
            with suppress(OSError):
                if os.stat(path).st_ino == inode:  # noqa: PTH116 - as above
                    os.unlink(path)  # noqa: PTH108 - as above


def _segments() -> Iterator[tuple[int, int, int]]:
    """Yield number, maker and how many use it of each System V segment."""
    for line in proc.read(_SEGMENTS).decode().splitlines()[1:]:
        words = line.split()
        yield int(words[_NUMBER]), int(words[_MAKER]), int(words[_USERS])


def _files() -> Iterator[tuple[str, int]]:
    for name in proc.names(_FOLDER):
        with suppress(OSError):
            path = f"{_FOLDER}/{name}"
            yield path, os.stat(path).st_ino  # noqa: PTH116 - as above


def _used() -> Iterator[tuple[str, int]]:
    """Yield the files that any process has open or in its memory."""
    known = dict(_files())
    for pid in filter(str.isdigit, proc.names("/proc")):
        links = {path for _, path in proc.links(f"/proc/{pid}/fd")}
        maps = proc.read(f"/proc/{pid}/maps").decode(errors="replace")
        yield from ((path, inode) for path, inode in known.items() if path in links or f" {path}\n" in maps)
