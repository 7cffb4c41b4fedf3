"""Looks at one tree again and again, at the price of what has moved in it.

The kernel knows to the nanosecond how long all threads of a process were on a core together. Where that stands still no
thread ran, so none began or ended, none waits for anything else, and no file, child or page of memory was added: all is
taken from the look before. That saves work and decides nothing: whoever claims that a tree stands still reads every
thread of it once more.
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field

from bisectrix.supervise import proc
from bisectrix.supervise.allowance import Allowance
from bisectrix.supervise.sample import Look, Thread, threads_of
from bisectrix.supervise.tree import Members

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LISTED_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """How much there is of a tree.

    Attributes:
        processes: how many, zombies among them.
        resident_bytes: sum over all processes; what they share counts as often as it is shared.
    """

    processes: int = 0
    threads: int = 0
    resident_bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """What the tree is like now.

    Attributes:
        pids: all its processes, zombies among them.
        stirred: something ran since the glance before, or may have.
        look: None where something ran, and it is too soon to read so many threads again.
    """

    pids: tuple[int, ...]
    extent: Extent
    stirred: bool
    look: Look | None


@dataclass(slots=True)
class _Process:
    """What is known of one process; `ran_ns` was read before all else, None for one that is new."""

    ran_ns: int | None = None
    is_read: bool = False
    threads: tuple[Thread, ...] = ()
    extent: Extent = field(default_factory=Extent)


class Sampler:
    """Glances at one tree; reading threads, and looking for processes, take a thousandth of a core each where that can be."""

    def __init__(self, members: Members, *, bounded: bool = False) -> None:
        """Know nothing yet.

        Args:
            members: finds all processes of the tree.
            bounded: the kernel counts them, so that many at once need not be noticed at once.
        """
        self._members = members
        self._bounded = bounded
        self._tree: dict[int, _Process] = {}
        self._threads: tuple[Thread, ...] = ()
        self._extent = Extent()
        self._unlisted = self._unread = False
        self._newest_pid, self._listed_at_s = b"", -math.inf
        self._listing, self._reading = Allowance(), Allowance()

    def glance(self, longest_s: float = math.inf) -> Glance:
        """See what has moved.

        Args:
            longest_s: between two looks, however many threads there are.
        """
        now_ns = {pid: proc.ran_ns(pid) for pid in self._tree}
        stirred = not now_ns or any(
            ran_ns is None or ran_ns != self._tree[pid].ran_ns for pid, ran_ns in now_ns.items()
        )
        if stirred:
            self._unlisted = self._unlisted or self._may_have_grown() or None in now_ns.values()
        if self._unlisted and (not self._bounded or self._listing.allows(longest_s)):
            self._listing.spend(self._list)
        if stirred:
            self._measure(now_ns)
        if self._unread and not self._unlisted and self._reading.allows(longest_s):
            self._reading.spend(self._read)
        look = None if self._unlisted or self._unread else Look(at_s=time.monotonic(), threads=self._threads)
        return Glance(pids=tuple(self._tree), extent=self._extent, stirred=stirred, look=look)

    def _may_have_grown(self) -> bool:
        """Say whether processes must be looked for: something began on this machine, or we better make sure."""
        before, self._newest_pid = self._newest_pid, proc.newest_pid()
        return not before or before != self._newest_pid or time.monotonic() > self._listed_at_s + _LISTED_S

    def _list(self) -> None:
        """Find the processes there are; of a new one nothing is known, so it counts as one that ran."""
        self._unlisted, self._unread, self._listed_at_s = False, True, time.monotonic()
        self._tree = {pid: self._tree.get(pid) or _Process() for pid in self._members()}

    def _measure(self, now_ns: dict[int, int | None]) -> None:
        """Measure those that ran."""
        for pid, process in self._tree.items():
            ran_ns = now_ns.get(pid)
            if ran_ns is None or ran_ns != process.ran_ns:
                process.ran_ns, process.is_read, process.extent = ran_ns, False, _extent(pid)
        self._unread = True
        extents = [process.extent for process in self._tree.values()]
        self._extent = Extent(
            processes=len(extents),
            threads=sum(extent.threads for extent in extents),
            resident_bytes=sum(extent.resident_bytes for extent in extents),
        )

    def _read(self) -> None:
        """Read the threads of the processes that ran since they were read."""
        for pid, process in self._tree.items():
            if not process.is_read:
                process.threads, process.is_read = threads_of(pid, process.threads), True
        self._unread = False
        self._threads = tuple(thread for process in self._tree.values() for thread in process.threads)


def _extent(pid: int) -> Extent:
    fields = proc.stat_fields(f"/proc/{pid}/stat")
    if not fields:
        return Extent()
    return Extent(threads=int(fields[proc.THREADS]), resident_bytes=int(fields[proc.RESIDENT_PAGES]) * _PAGE_BYTES)
