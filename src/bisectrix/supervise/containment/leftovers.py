"""What outlives the processes of an order in the kernel, where no namespace goes with them: found, removed, named.

Removed is only what is proved to be theirs; of what they may have made it is said that it stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from bisectrix.model.attempt import OBJECT
from bisectrix.supervise import proc
from bisectrix.supervise.containment.named_files import NamedFiles
from bisectrix.supervise.containment.system_v import SystemV
from bisectrix.supervise.linux import mount_apart

_MOST_NAMED = 50


class Leftovers:
    """Shared memory, semaphores and message queues of one order."""

    def __init__(self) -> None:
        """Prepare to look for them."""
        self._system_v = SystemV()
        self._files = (
            NamedFiles(kind="shared memory", folder="/dev/shm", seen_as="/dev/shm/"),  # noqa: S108 - where they are
            NamedFiles(kind="message queue", folder=_message_queues(), seen_as="/"),
        )
        self._pids: set[int] = set()

    def begin(self) -> None:
        """Take what is there now for somebody else's."""
        self._system_v.begin()
        for files in self._files:
            files.begin()

    def note(self, pids: Sequence[int]) -> None:
        """Take note of processes of the order, and of the new files that they have open."""
        self._pids.update(pids)
        for files in self._files:
            files.note(pids)

    def remove(self) -> tuple[str, ...]:
        """Remove what they have left, when all of them have ended, and name it."""
        left = [line for files in self._files for line in files.remove()] + list(self._system_v.remove(self._pids))
        more = len(left) - _MOST_NAMED
        rest = (f"{OBJECT}{more} more",) if more > 0 else ()
        return (*(f"{OBJECT}{line}" for line in islice(left, _MOST_NAMED)), *rest)


def _message_queues() -> str:
    """Return where message queues are listed: mounted for all, or else for us alone; empty where neither can be."""
    for line in proc.read("/proc/self/mounts").decode(errors="replace").splitlines():
        _, folder, kind, *_ = line.split()
        if kind == "mqueue":
            return folder
    if not proc.names("/proc/sys/fs/mqueue"):
        return ""
    try:
        return f"/proc/self/fd/{mount_apart('mqueue')}"
    except OSError:
        return ""
