"""Locks on files: who waits for which, and who holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bisectrix.supervise import proc
from bisectrix.supervise.proof.census import Census, named
from bisectrix.supervise.proof.scene import FileLock, Holders, Object, Opaque

_OF_A_PROCESS = "POSIX"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """One line of `/proc/locks`; `file` is device and inode as the kernel writes them."""

    waits: bool
    kind: str
    pid: int
    file: str


def locks(text: str) -> Iterator[Lock]:
    """Read `/proc/locks`."""
    for line in text.splitlines():
        words = line.split()[1:]
        waits = words[:1] == ["->"]
        kind, _, _, pid, file, *_ = words[1:] if waits else words
        yield Lock(waits=waits, kind=kind, pid=int(pid), file=file)


def awaited(pid: int, link: str, census: Census) -> Object:
    """Return the lock that a process waits for, on the file that `link` names."""
    seen = tuple(locks(proc.read("/proc/locks").decode()))
    waiting = [lock for lock in seen if lock.waits and lock.pid == pid]
    if not waiting or len({(lock.file, lock.kind) for lock in waiting}) > 1:
        return Opaque(what=f"a lock on {link}", why="who holds it cannot be read")
    wanted = waiting[0]
    return FileLock(path=link, kind=f"{wanted.kind} lock", holders=_holders(wanted, seen, link, census))


def _holders(wanted: Lock, seen: tuple[Lock, ...], link: str, census: Census) -> Holders:
    """A POSIX lock belongs to a process; any other to whoever has the file open by the very same opening of it."""
    held = [lock for lock in seen if not lock.waits and lock.file == wanted.file]
    if wanted.kind == _OF_A_PROCESS:
        held_by = {lock.pid for lock in held}
        inside = tuple(sorted(held_by & set(census.tree)))
        return Holders(inside=inside, outside=named(held_by - set(census.tree)))
    mark = re.compile(rb"lock:\s+\S+ +%s .* %s " % (wanted.kind.encode(), wanted.file.encode()))
    holders = census.holders_where(link, lambda told: bool(mark.search(told)))
    strangers = {lock.pid for lock in held if lock.kind == wanted.kind and _lives_outside(lock.pid, census)}
    return replace(holders, outside=tuple(sorted({*holders.outside, *named(strangers)})))


def _lives_outside(pid: int, census: Census) -> bool:
    return pid not in census.tree and bool(proc.state(pid))
