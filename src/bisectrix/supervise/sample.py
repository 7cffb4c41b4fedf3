"""One look at every thread of a tree: what it used since it began, and what it waits for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bisectrix.supervise import proc
from bisectrix.supervise.syscalls import Until, Wait, wait_of

Identity: TypeAlias = tuple[int, int, int]
"""Process, thread, and the moment of its start in clock ticks from boot: the same thread in two looks."""

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Thread:
    """One thread at one moment.

    Attributes:
        start: clock ticks from boot to its start, which tells it from a later one of the same number.
        ran_ns: time it was on a core, since its start.
        queued_ns: time it could have run and waited for a core, since its start.
        slices: how often it was put on a core, since its start.
        rests: how often it gave up its core because it had to wait, since its start; asked of one that could run, else None.
    """

    pid: int
    tid: int
    start: int
    ran_ns: int
    queued_ns: int
    slices: int
    wait: Wait
    rests: int | None = None

    @property
    def busy_ns(self) -> int:
        """Time it had something to do, whether a core was free or not."""
        return self.ran_ns + self.queued_ns

    @property
    def identity(self) -> Identity:
        """What makes it the same thread in two looks."""
        return self.pid, self.tid, self.start


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """All threads of a tree at one moment, zombies left out.

    Attributes:
        at_s: on the monotonic clock, taken after the last thread was read.
    """

    at_s: float
    threads: tuple[Thread, ...]

    @property
    def pids(self) -> frozenset[int]:
        """The processes that have a thread left."""
        return frozenset(thread.pid for thread in self.threads)


def look(pids: Sequence[int]) -> Look:
    """Look at the threads of all processes of a tree."""
    threads = tuple(thread for pid in pids for thread in threads_of(pid))
    return Look(at_s=time.monotonic(), threads=threads)


def threads_of(pid: int, before: Iterable[Thread] = ()) -> tuple[Thread, ...]:
    """Look at the threads of one process.

    Args:
        pid: the process.
        before: its threads in an earlier look; what one that has not run since waits for is taken from there. Much
            cheaper, but a thread that is about to run still looks as if it waited: nothing may be claimed from that.
    """
    known = {thread.tid: thread for thread in before}
    found = (_thread(pid, int(tid), known) for tid in proc.names(f"/proc/{pid}/task"))
    return tuple(thread for thread in found if thread is not None)


def proportional_bytes(pids: Sequence[int]) -> int:
    """Return the memory of a tree with shared pages counted once; of a process we may not ask, what it has resident."""
    return sum(_proportional_bytes(pid) for pid in pids)


def _thread(pid: int, tid: int, known: Mapping[int, Thread]) -> Thread | None:
    folder = f"/proc/{pid}/task/{tid}"
    ran = proc.read_short(f"{folder}/schedstat").split()
    if not ran:
        return None
    ran_ns, queued_ns, slices = map(int, ran)
    same = known.get(tid)
    if same and (same.pid, same.ran_ns, same.queued_ns, same.slices) == (pid, ran_ns, queued_ns, slices):
        return same
    fields = proc.stat_fields(f"{folder}/stat")
    if not fields or fields[0] in {b"Z", b"X"}:
        return None
    wait = _wait(fields[0].decode(), f"{folder}/syscall")
    return Thread(
        pid=pid,
        tid=tid,
        start=int(fields[proc.START_TIME]),
        ran_ns=ran_ns,
        queued_ns=queued_ns,
        slices=slices,
        wait=wait,
        rests=proc.rests(f"{folder}/status") if wait.until is Until.RUNNING else None,
    )


def _wait(state: str, file: str) -> Wait:
    match state:
        case "R":
            return Wait("", Until.RUNNING)
        case "T":
            return Wait("", Until.STOPPED)
        case "S":
            return wait_of(proc.read(file).decode())
        case _:
            return Wait("", Until.UNKNOWN)


def _resident_bytes(pid: int) -> int:
    pages = proc.read(f"/proc/{pid}/statm").split()
    return int(pages[1]) * _PAGE_BYTES if pages else 0


def _proportional_bytes(pid: int) -> int:
    for line in proc.read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) << 10
    return _resident_bytes(pid)
