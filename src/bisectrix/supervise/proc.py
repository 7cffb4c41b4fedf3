"""Small reads of /proc; a process that is gone, or that we may not look at, reads as nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

_CHUNK_BYTES = 1 << 16
_PAGE_BYTES = 1 << 12
_CPU_CLOCK = 2

THREADS, START_TIME, RESIDENT_PAGES = 17, 19, 21
"""Where `stat_fields` has how many threads a process has, the start of a process or thread in clock ticks from boot, and
how many pages of a process are in memory."""


def read(path: str) -> bytes:
    """Return the content of a file of /proc, empty when it cannot be read."""
    text = b""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return text
    try:
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            text += chunk
    except OSError:  # it ended meanwhile
        return b""
    finally:
        os.close(descriptor)
    return text


def read_short(path: str) -> bytes:
    """Return the content of a file of /proc that is shorter than a page, for a fifth less than `read`."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _PAGE_BYTES)
    except OSError:  # it ended meanwhile
        return b""
    finally:
        os.close(descriptor)


def names(path: str) -> list[str]:
    """Return the names in a folder of /proc, empty when it cannot be listed."""
    try:
        return os.listdir(path)  # noqa: PTH208 - read thousands of times a second, pathlib costs three times as much
    except OSError:
        return []


def link(path: str) -> str:
    """Return what a symbolic link of /proc says, empty when it cannot be read."""
    try:
        return os.readlink(path)  # noqa: PTH115 - the same
    except OSError:
        return ""


def links(path: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a folder of /proc and what each of them, a symbolic link, says."""
    for name in names(path):
        yield name, link(f"{path}/{name}")


def stat_fields(path: str) -> list[bytes]:
    """Return the fields of a `stat` file from the state on (field 3 of proc(5) comes first); empty when gone."""
    return read(path).rpartition(b") ")[2].split()


def state(pid: int) -> str:
    """Return the state letter of a process, empty when it is gone."""
    fields = stat_fields(f"/proc/{pid}/stat")
    return fields[0].decode() if fields else ""


def lives(pid: int) -> bool:
    """Say whether there is more of a process than what waits to be collected."""
    return state(pid) not in {"", "X", "Z"}


def identity(pid: int) -> str:
    """Return the pid and the moment of its start, which no two processes share; empty when it is gone."""
    fields = stat_fields(f"/proc/{pid}/stat")
    return f"{pid} {fields[START_TIME].decode()}" if fields else ""


def handle(of: str) -> int | None:
    """Open a pidfd of the process with this identity, None when it has ended."""
    pid = int(of.split(maxsplit=1)[0])
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    if identity(pid) == of:
        return descriptor
    os.close(descriptor)
    return None


def ran_ns(pid: int) -> int | None:
    """Return how long all threads that a process ever had were on a core; None for one that is gone.

    The kernel adds that up itself, and lets anybody ask: the clock of a process is numbered after its pid.
    """
    try:
        return time.clock_gettime_ns(~pid << 3 | _CPU_CLOCK)
    except OSError:
        return None


def rests(status: str) -> int | None:
    """Return how often a thread gave up its core of its own accord, from its `status` file; None when it is gone."""
    for line in reversed(read(status).splitlines()):
        if line.startswith(b"voluntary_ctxt_switches:"):
            return int(line.split()[-1])
    return None


def newest_pid() -> bytes:
    """Return the number that the last process or thread to begin on this machine was given; empty where it is not told."""
    return next(reversed(read_short("/proc/loadavg").split()), b"")


def command_line(pid: int) -> str:
    """Return the command line joined by blanks; the bare name in brackets for one that has none."""
    arguments = read(f"/proc/{pid}/cmdline").rstrip(b"\0").replace(b"\0", b" ")
    return (arguments or b"[%s]" % read(f"/proc/{pid}/comm").strip()).decode(errors="replace")


def pid_inside(pid: int) -> int:
    """Return the pid that a process has for itself, in the innermost of its namespaces; ours for one that is gone."""
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith(b"NSpid:"):
            return int(line.split()[-1])
    return pid
