"""Memory of a process: its bytes, and what its address space is made of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bisectrix.supervise import proc
from bisectrix.supervise.proof.census import Census
from bisectrix.supervise.proof.scene import SHARED_MEMORY


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """One part of an address space; `file` is device and inode as the kernel writes them, which name its file."""

    start: int
    end: int
    shared: bool
    file: bytes
    path: str


def peek(pid: int, address: int, length: int) -> bytes:
    """Return bytes of a process, fewer or none where they cannot be read."""
    try:
        descriptor = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, length, address)
    except (OSError, OverflowError):
        return b""
    finally:
        os.close(descriptor)


def mappings(pid: int) -> Iterator[Mapping]:
    """Yield the parts of the address space, lowest first."""
    for line in proc.read(f"/proc/{pid}/maps").splitlines():
        span, access, _, device, inode, *path = line.split(None, 5)
        start, end = (int(part, 16) for part in span.split(b"-"))
        name = path[0].decode(errors="replace") if path else ""
        yield Mapping(start=start, end=end, shared=access.endswith(b"s"), file=b"%s %s" % (device, inode), path=name)


def mapping_of(pid: int, address: int) -> Mapping | None:
    """Return the part that an address lies in."""
    return next((part for part in mappings(pid) if part.start <= address < part.end), None)


def is_memory_private(census: Census) -> bool:
    """Say whether the tree has shared memory of its own, mounted where no other process is."""
    try:
        theirs = Path(f"/proc/{census.tree[0]}/root{SHARED_MEMORY}").stat().st_dev
        ours = Path(SHARED_MEMORY).stat().st_dev
    except OSError:
        return False
    return theirs != ours and census.is_alone_in("mnt")
