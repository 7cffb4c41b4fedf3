"""What the kernel tells about processes."""

from __future__ import annotations

from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
SESSION, STATE, USER, SYSTEM = 3, 0, 11, 12  # fields of `stat` after the name, from 0


class Thread:
    """A thread as it was at one moment; equal when it has not run since."""

    def __init__(self, pid: int, tid: int, state: str, ticks: int) -> None:
        """Keep the facts; `ticks` counts what it has used of the processor."""
        self.pid, self.tid, self.state, self.ticks = pid, tid, state, ticks

    def __eq__(self, other: object) -> bool:
        """Compare everything."""
        return isinstance(other, Thread) and vars(self) == vars(other)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash((self.pid, self.tid, self.state, self.ticks))


def pids() -> list[int]:
    """Return all processes."""
    return sorted(int(path.name) for path in PROC.iterdir() if path.name.isdigit())


def session(leader: int) -> list[int]:
    """Return the processes of a session, its leader first."""
    members = [pid for pid in pids() if _fields(PROC / str(pid))[SESSION : SESSION + 1] == [str(leader)]]
    return sorted(members, key=lambda pid: pid != leader)


def threads(of: list[int]) -> list[Thread]:
    """Return the threads of processes."""
    return [thread for pid in of for thread in _threads(pid)]


def _threads(pid: int) -> Iterator[Thread]:
    try:
        tasks = sorted(PROC.joinpath(str(pid), "task").iterdir())
    except OSError:
        return
    for task in tasks:
        fields = _fields(task)
        if fields:
            yield Thread(pid, int(task.name), fields[STATE], int(fields[USER]) + int(fields[SYSTEM]))


def with_variable(mark: bytes) -> list[int]:
    """Return the processes that have this variable, `NAME=value`, and are not yet dead."""
    return [
        pid
        for pid in pids()
        if mark in read(PROC / str(pid) / "environ").split(b"\0") and _fields(PROC / str(pid))[:1] != ["Z"]
    ]


def catches(pid: int, number: int) -> bool:
    """Say whether a process handles a signal that would else kill it."""
    for line in read(PROC / str(pid) / "status").splitlines():
        if line.startswith(b"SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def read(path: Path) -> bytes:
    """Return what a file of the kernel says; nothing where the process has gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _fields(path: Path) -> list[str]:
    return read(path / "stat").decode("utf-8", "replace").rpartition(")")[2].split()
