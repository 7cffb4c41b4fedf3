"""What a tree holds, as a person reads it: locks on files, sockets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bisectrix.supervise.evidence_text import joined, title
from bisectrix.supervise.file_locks import FileLock
from bisectrix.supervise.sockets import Holder, OpenSocket

BLIND_TO = (
    "Not seen here: lock files that merely exist, attempts that do not wait but try again, locks in memory",
    "(mutexes, semaphores), and those that other machines hold on a network file system.",
)


def locks(found: Sequence[FileLock]) -> str:
    """Return a paragraph for each lock, and what such a list cannot hold."""
    return joined((*map(_lock, found), BLIND_TO) if found else (("no locks on files",), BLIND_TO))


def _lock(lock: FileLock) -> Iterator[str]:
    yield f"{lock.path or 'a file that no process in sight has open'}: {lock.kind} lock, {lock.mode}"
    holders = [title(pid) for pid in lock.holders]
    yield from (f"  held by {holder}" for holder in holders or ["a process that cannot be seen from here"])
    yield from (f"  awaited by {title(pid)}" for pid in lock.waiters)


def sockets(found: Sequence[OpenSocket]) -> str:
    """Return the sockets by process, each with who holds its other end."""
    processes = groupby(found, key=lambda one: one.holder.pid)
    return joined((_process(pid, group) for pid, group in processes) if found else (("no sockets",),))


def _process(pid: int, group: Iterable[OpenSocket]) -> Iterator[str]:
    yield title(pid)
    yield from (f"  {one.holder.descriptor}: {', '.join(_socket(one))}" for one in group)


def _socket(one: OpenSocket) -> Iterator[str]:
    ends = f"{one.local} -> {one.remote}" if one.remote else one.local
    yield f"{one.kind} {ends}".strip()
    if one.state:
        yield one.state
    if one.unread:
        yield f"{one.unread} bytes unread"
    if one.unsent:
        yield f"{one.unsent} bytes not taken by the other end"
    if one.other_end:
        yield f"other end: {' and '.join(_holder(holder) for holder in one.other_end)}"


def _holder(holder: Holder) -> str:
    return f"{holder.descriptor} of process {holder.pid}"
