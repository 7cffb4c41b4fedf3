"""Files that live in memory alone, shared memory or message queues: those that the processes of an order have made.

Taken to be theirs is what was not there before and one of them had open while we looked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from bisectrix.supervise import proc

_File: TypeAlias = tuple[str, int]
"""Name and inode: one that was removed and made again is another."""

_PATH = 5
"""Where a line of `/proc/PID/maps` has the path, if any."""


@dataclass(kw_only=True, slots=True)
class NamedFiles:
    """All files of one kind on this machine.

    Attributes:
        kind: what they are, for a person.
        folder: where they are listed; empty where they cannot be.
        seen_as: what stands before the name of one that a process has open.
    """

    kind: str
    folder: str
    seen_as: str
    _device: int = -1
    _before: frozenset[_File] = frozenset()
    _made: set[_File] = field(default_factory=set)

    def begin(self) -> None:
        """Take what is there now for somebody else's."""
        with suppress(OSError):
            self._device = os.stat(self.folder).st_dev  # noqa: PTH116 - it may be one of /proc/self/fd
        self._before = frozenset(self._listed())

    def note(self, pids: Sequence[int]) -> None:
        """Take note of the new files that processes of the order use."""
        new = frozenset(self._listed()) - self._before - self._made
        if new:
            self._made.update(self._used_by(map(str, pids), new))

    def remove(self) -> Iterator[str]:
        """Remove those that are left, when all processes of the order have ended; yield what is said of each."""
        left = self._made.intersection(self._listed())
        used = set(self._used_by(filter(str.isdigit, proc.names("/proc")), frozenset(left))) if left else set()
        for name, inode in sorted(left):
            if (name, inode) in used:
                yield f"{self.kind} {name}, stays: somebody else uses it"
            else:
                with suppress(OSError):
                    os.unlink(f"{self.folder}/{name}")  # noqa: PTH108 - the folder may be one of /proc/self/fd
                    yield f"{self.kind} {name}, removed"

    def _listed(self) -> Iterator[_File]:
        with suppress(OSError), os.scandir(self.folder) as entries:
            yield from ((entry.name, entry.inode()) for entry in entries)

    def _used_by(self, pids: Iterable[str], files: frozenset[_File]) -> Iterator[_File]:
        """Yield those of the files that processes have open, or in their memory."""
        known = {inode: (name, inode) for name, inode in files}
        for pid in pids:
            for device, inode in (*self._opened(pid), *self._mapped(pid)):
                if device == self._device and inode in known:
                    yield known[inode]

    def _opened(self, pid: str) -> Iterator[tuple[int, int]]:
        """Yield device and inode of what a process has open in a folder of this name."""
        for name in proc.names(f"/proc/{pid}/fd"):
            if self._is_inside(proc.link(f"/proc/{pid}/fd/{name}")):
                with suppress(OSError):
                    found = os.stat(f"/proc/{pid}/fd/{name}")  # noqa: PTH116 - no path, a link to an open file
                    yield found.st_dev, found.st_ino

    def _mapped(self, pid: str) -> Iterator[tuple[int, int]]:
        """Yield device and inode of what a process has in its memory, whatever it was called at that time."""
        for line in proc.read(f"/proc/{pid}/maps").decode(errors="replace").splitlines():
            *_, device, inode, path = (*line.split(maxsplit=_PATH), "")[: _PATH + 1]
            if self._is_inside(path):
                major, minor = (int(number, 16) for number in device.split(":"))
                yield os.makedev(major, minor), int(inode)

    def _is_inside(self, path: str) -> bool:
        """Whether a path is of something directly in the folder; nothing else is asked who it is, it may never answer."""
        return path.startswith(self.seen_as) and path.rfind("/") == len(self.seen_as) - 1
