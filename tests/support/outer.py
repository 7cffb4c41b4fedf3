"""A bound around everything that a test starts: whatever a program does, the machine goes on."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROCESSES = 620
"""Room for the widest healthy program, which has five hundred threads, and for those who watch it."""

_WATCHERS = 60
_GONE_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Outer:
    """A control group that bounds the number of processes; all that its members start is in it, too."""

    folder: Path

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be in it ourselves for a while: whatever is started meanwhile, by whomever of ours, stays in it."""
        _enter(self.folder)
        try:
            yield
        finally:
            _enter(self.folder.parent)

    def make_room(self) -> None:
        """Wait until whoever adopted the dead has collected them: they count, and a wide program needs the room."""
        give_up = time.monotonic() + _GONE_WITHIN_S
        while int(next(iter(_lines(self.folder / "pids.current")), "0")) > _WATCHERS and time.monotonic() < give_up:
            time.sleep(0.01)

    def members(self) -> frozenset[int]:
        """Return the processes in it and below it, zombies left out."""
        files = (self.folder / "cgroup.procs", *self.folder.glob("**/cgroup.procs"))
        found = {int(line) for file in files for line in _lines(file)}
        return frozenset(pid for pid in found if _state(pid) not in "ZX")


@contextmanager
def outer_bound() -> Iterator[Outer | None]:
    """Make one, and kill what is left in it at the end; None where this machine lets us make none."""
    folder = _made()
    try:
        yield Outer(folder) if folder else None
    finally:
        if folder:
            _remove(folder)


def _enter(folder: Path) -> None:
    (folder / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def _made() -> Path | None:
    for parent in _parents():
        folder = parent / f"test-outer-{secrets.token_hex(4)}"
        with suppress(OSError):
            folder.mkdir()
            try:
                (folder / "pids.max").write_text(str(PROCESSES), encoding="ascii")
            except OSError:
                folder.rmdir()
                raise
            return folder
    return None


def _parents() -> Iterator[Path]:
    """Yield the folders of our own control group in which processes can be counted."""
    for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "pids":
            yield Path("/sys/fs/cgroup/pids" + path)
        elif not controllers:
            yield Path("/sys/fs/cgroup" + path)


def _remove(folder: Path) -> None:
    outer = Outer(folder)
    give_up = time.monotonic() + _GONE_WITHIN_S
    while (left := outer.members()) and time.monotonic() < give_up:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    for below in sorted(folder.glob("**/"), reverse=True):
        below.rmdir()


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except OSError:
        return []


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][:1]
    except OSError:
        return "X"
