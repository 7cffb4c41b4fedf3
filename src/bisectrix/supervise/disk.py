"""What an attempt has put into its folder: how much, how many files, how deep."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.attempt import Limited
from bisectrix.model.words import LimitKind

MOST_FILES = 200_000
MOST_LEVELS = 256
_SHORTEST_PAUSE_S = 1.0
_PAUSE_A_LOOK = 20
"""Looking takes at most a twentieth of the time, however large the folder is."""

_MIB = 1 << 20


@dataclass(slots=True)
class Disk:
    """Looks at a folder now and then.

    Attributes:
        allowed_mib: of all files together; holes in a file count, since whoever copies it fills them.
    """

    folder: Path
    allowed_mib: int
    next_at_s: float = 0.0

    def crossed(self, *, now: bool = False) -> Limited | None:
        """Return what the folder holds too much of, if it is time to look or must be `now`."""
        begun_s = time.monotonic()
        if begun_s < self.next_at_s and not now:
            return None
        detail = too_much(str(self.folder), self.allowed_mib * _MIB)
        took_s = time.monotonic() - begun_s
        self.next_at_s = begun_s + max(_SHORTEST_PAUSE_S, _PAUSE_A_LOOK * took_s)
        return Limited(limit=LimitKind.DISK, detail=detail) if detail else None


def too_much(folder: str, allowed_bytes: int) -> str:
    """Say what a folder holds too much of, empty when it does not; stops looking as soon as that is known."""
    size_bytes = files = 0
    waiting = [(folder, 1)]
    while waiting:
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
                if size_bytes > allowed_bytes:
                    return f"more than {allowed_bytes // _MIB} MiB in its folder"
                if files > MOST_FILES:
                    return f"more than {MOST_FILES} files and folders in its folder"
    return ""


def _size_bytes(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:  # it is gone
        return 0
