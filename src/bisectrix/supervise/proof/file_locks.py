"""Who holds the lock on a file that a process of the tree waits for."""

from __future__ import annotations

from dataclasses import replace

from bisectrix.supervise import proc
from bisectrix.supervise.file_locks import Record, parse_descriptor, parse_locks
from bisectrix.supervise.proof.census import Census, named
from bisectrix.supervise.proof.scene import FileLock, Holders, Object, Opaque

_OF_A_PROCESS = "fcntl"


def awaited(pid: int, link: str, census: Census) -> Object:
    """Return the lock that a process waits for, on the file that `link` names."""
    seen = tuple(parse_locks(proc.read("/proc/locks").decode()))
    waiting = [lock for lock in seen if lock.waits and lock.pid == pid]
    if not waiting or len({(lock.file, lock.kind) for lock in waiting}) > 1:
        return Opaque(what=f"a lock on {link}", why="who holds it cannot be read")
    wanted = waiting[0]
    return FileLock(path=link, kind=f"{wanted.kind} lock", holders=_holders(wanted, seen, link, census))


def _holders(wanted: Record, seen: tuple[Record, ...], link: str, census: Census) -> Holders:
    """A lock by fcntl belongs to a process; any other to whoever has the file open by the very same opening of it."""
    held = [lock for lock in seen if not lock.waits and lock.file == wanted.file]
    if wanted.kind == _OF_A_PROCESS:
        held_by = {lock.pid for lock in held}
        inside = tuple(sorted(held_by & set(census.tree)))
        return Holders(inside=inside, outside=named(held_by - set(census.tree)))
    holders = census.holders_where(link, lambda told: any(_same(wanted, lock) for lock in parse_descriptor(told)))
    strangers = {lock.pid for lock in held if lock.kind == wanted.kind and _lives_outside(lock.pid, census)}
    return replace(holders, outside=tuple(sorted({*holders.outside, *named(strangers)})))


def _same(wanted: Record, lock: Record) -> bool:
    return (lock.kind, lock.file) == (wanted.kind, wanted.file)


def _lives_outside(pid: int, census: Census) -> bool:
    return pid not in census.tree and bool(proc.state(pid))
