"""How a process comes under control groups: it writes a word at each of their doors, opened by the warden before."""

from __future__ import annotations

import os

_MYSELF = b"0"


def announce(doors: tuple[int, ...]) -> None:
    """Join the group of each door with all that this process will ever start.

    Raises:
        OSError: the kernel refuses.
    """
    for door in doors:
        os.write(door, _MYSELF)
