"""Locks on files that the processes of a tree hold and wait for, joined from what the kernel tells in three places.

`/proc/locks` knows who waits for which lock, `/proc/PID/fdinfo` which descriptor holds one, `/proc/PID/fd` its path.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bisectrix.supervise import proc
from bisectrix.supervise.syscalls import wait_of

_KINDS: Mapping[str, str] = MappingProxyType({"FLOCK": "flock", "POSIX": "fcntl", "OFDLCK": "ofd"})
_WAITING_CALLS = frozenset({"flock", "fcntl"})
_TAG = b"lock:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One line of `/proc/locks`, or of a `fdinfo` file.

    Attributes:
        pid: who took it or waits; below 1 for one that belongs to no process, and for one of another pid namespace.
        file: device and inode, `fe:00:2172313`, which are the file's wherever it stands.
    """

    kind: str
    mode: str
    pid: int
    file: str
    waits: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLock:
    """A file with the processes that hold a lock on it and wait for one.

    Attributes:
        path: empty where no process of ours has it open under a name.
        kind: `flock`, `fcntl` (of a process) or `ofd` (of an open file).
        holders: pids; more than one for a shared lock, or where a fork inherited it, even one that waits for it.
    """

    path: str
    kind: str
    mode: str
    holders: tuple[int, ...]
    waiters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Wait:
    """The call in which a thread waits for a lock on a file."""

    call: str
    file: str
    path: str


def parse_locks(text: str) -> Iterator[Record]:
    """Yield the records of `/proc/locks`; leases and what else stands there are passed over."""
    for line in text.splitlines():
        words = line.split()[1:]
        waits = words[:1] == ["->"]
        match words[waits:]:
            case [kind, _, mode, pid, file, *_] if kind in _KINDS:
                yield Record(kind=_KINDS[kind], mode=mode.lower(), pid=int(pid), file=file, waits=waits)
            case _:
                continue


def parse_descriptor(information: bytes) -> Iterator[Record]:
    """Yield the records of a `fdinfo` file: the locks that its descriptor holds."""
    for line in information.splitlines() if _TAG in information else ():
        if line.startswith(_TAG):
            yield from parse_locks(line.removeprefix(_TAG).decode())


def look_at_locks(pids: Sequence[int]) -> tuple[FileLock, ...]:
    """Return the locks that any of these processes holds or waits for, those that are waited for first.

    Holders outside of the tree are named, too.
    """
    records = list(parse_locks(proc.read("/proc/locks").decode()))
    if not records:
        return ()
    paths, held = _held_by_descriptors(pids)
    waiting = {pid: wait for pid in pids for wait in _waits(pid)}
    awaited = {wait.file for wait in waiting.values()}
    files = {record.file for record in records if record.pid in pids or record.file in awaited} | held.keys()
    if files - held.keys():
        paths_outside, held_outside = _held_by_descriptors(_others(records, files, pids))
        paths |= {file: path for file, path in paths_outside.items() if file not in paths}
        held |= {file: holders for file, holders in held_outside.items() if file not in held}
    by_file = {file: [record for record in records if record.file == file] for file in files}
    locks = [lock for file, mine in by_file.items() for lock in _joined(mine, paths.get(file, ""), held, waiting)]
    return tuple(sorted(locks, key=lambda lock: (not lock.waiters, lock.path, lock.kind)))


def _others(records: Sequence[Record], files: set[str], pids: Sequence[int]) -> set[int]:
    """Return who may hold locks on these files; any process, where the kernel names none."""
    holders = {record.pid for record in records if record.file in files and not record.waits}
    named = holders if min(holders, default=1) > 0 else {int(name) for name in proc.names("/proc") if name.isdigit()}
    return named - set(pids)


def _held_by_descriptors(pids: Iterable[int]) -> tuple[dict[str, str], dict[str, set[int]]]:
    """Return the path of each locked file, and who has a descriptor that holds a lock on it."""
    paths: dict[str, str] = {}
    held: dict[str, set[int]] = {}
    for pid in pids:
        for descriptor in proc.names(f"/proc/{pid}/fd"):
            info = proc.read(f"/proc/{pid}/fdinfo/{descriptor}")
            for record in parse_descriptor(info):
                paths[record.file] = proc.link(f"/proc/{pid}/fd/{descriptor}")
                held.setdefault(record.file, set()).add(pid)
    return paths, held


def _waits(pid: int) -> Iterator[_Wait]:
    for task in proc.names(f"/proc/{pid}/task"):
        line = proc.read(f"/proc/{pid}/task/{task}/syscall").decode()
        call = wait_of(line).call
        if call in _WAITING_CALLS:
            link = f"/proc/{pid}/fd/{int(line.split()[1], 16)}"
            yield _Wait(call, _file_id(link), proc.link(link))


def _file_id(link: str) -> str:
    """Return device and inode as `/proc/locks` writes them; empty when it cannot be read."""
    try:
        status = os.stat(link)  # noqa: PTH116 - a link of /proc, read like its neighbours
    except OSError:
        return ""
    return f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"


def _joined(
    records: Sequence[Record],
    path: str,
    held: Mapping[str, set[int]],
    waiting: Mapping[int, _Wait],
) -> Iterator[FileLock]:
    """Yield one lock for each kind among the records of a file."""
    for kind in dict.fromkeys(record.kind for record in records):
        mine = [record for record in records if record.kind == kind]
        waits = [record for record in mine if record.waits]
        takers = {record.pid for record in mine if record.pid > 0 and not record.waits}
        inherited = held.get(mine[0].file, set()) if kind != "fcntl" else set()
        waiters = {record.pid for record in waits if record.pid > 0}
        if len(waiters) < len(waits):
            call = "flock" if kind == "flock" else "fcntl"
            waiters |= {
                pid
                for pid, wait in waiting.items()
                if wait.call == call and (wait.file == mine[0].file or wait.path == path)
            }
        yield FileLock(
            path=path or next((waiting[pid].path for pid in waiters if pid in waiting), ""),
            kind=kind,
            mode=mine[0].mode,
            holders=tuple(sorted(takers | inherited)),
            waiters=tuple(sorted(waiters)),
        )
