"""What an attempt has put into its folder: how much, how many files, how deep."""

from __future__ import annotations

import errno
import math
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.attempt import Limited
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc

MOST_FILES = 200_000
MOST_LEVELS = 256
_SHORTEST_PAUSE_S = 1.0
_PAUSE_A_LOOK = 20
"""Looking takes at most a twentieth of the time, however large the folder is."""

_MIB = 1 << 20
_DELETED = " (deleted)"


@dataclass(slots=True)
class Disk:
    """Looks at a folder now and then.

    Attributes:
        allowed_mib: of all files together; holes in a file count, since whoever copies it fills them.
        begun_at_s: when it last looked, on the monotonic clock.
    """

    folder: Path
    allowed_mib: int
    next_at_s: float = 0.0
    begun_at_s: float = -math.inf

    def crossed(self, pids: Sequence[int], *, now: bool = False) -> Limited | None:
        """Return what the folder holds too much of, if it is time to look or must be `now`.

        Args:
            pids: who may hold files of the folder that have no name any more.
            now: look whenever that was done last.
        """
        begun_s = time.monotonic()
        if begun_s < self.next_at_s and not now:
            return None
        self.begun_at_s = begun_s
        folder = str(self.folder)
        detail = too_much(folder, self.allowed_mib * _MIB, nameless_bytes(folder, pids))
        took_s = time.monotonic() - begun_s
        self.next_at_s = begun_s + max(_SHORTEST_PAUSE_S, _PAUSE_A_LOOK * took_s)
        return Limited(limit=LimitKind.DISK, detail=detail) if detail else None


def nameless_bytes(folder: str, pids: Sequence[int]) -> int:
    """Return the size of the files that were below a folder, were deleted, and are still open."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        for name, target in proc.links(f"/proc/{pid}/fd"):
            if target.startswith(f"{folder}/") and target.endswith(_DELETED):
                with suppress(OSError):
                    status = os.stat(f"/proc/{pid}/fd/{name}")  # noqa: PTH116 - a link of /proc, followed to what has no path
                    sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


def too_much(folder: str, allowed_bytes: int, size_bytes: int = 0) -> str:
    """Say what a folder holds too much of, empty when it does not; stops looking as soon as that is known.

    Args:
        folder: where to look.
        allowed_bytes: of all files together.
        size_bytes: of those that are known and have no name any more.
    """
    files = 0
    waiting = [(folder, 1)]
    while waiting and size_bytes <= allowed_bytes:
        path, level = waiting.pop()
        if level > MOST_LEVELS:
            return f"folders {level} deep, {MOST_LEVELS} allowed"
        try:
            entries = os.scandir(path)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return f"a path of more than {len(path)} bytes"
            continue
        with entries:
            for entry in entries:
                files += 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, level + 1))
                else:
                    size_bytes += _size_bytes(entry)
                if files > MOST_FILES:
                    return f"more than {MOST_FILES} files and folders in its folder"
    return f"more than {allowed_bytes // _MIB} MiB in its folder" if size_bytes > allowed_bytes else ""


def _size_bytes(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:  # it is gone
        return 0
