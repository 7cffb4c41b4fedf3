"""A wheel or a source release as its files, unpacked in memory; nothing of it is run or written anywhere."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Protocol

from bisectrix.errors import InfraError
from bisectrix.explain.difference import Content, Digest

MIB = 1024**2
MOST_UNPACKED_MIB = 200
LARGEST_KEPT_MIB = 5
PIECE_BYTES = 64 * 1024


class Readable(Protocol):
    """What gives bytes until it gives none."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most that many bytes."""
        ...


OPENERS: dict[str, Callable[[io.BytesIO], Readable]] = {
    ".tar.gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".tgz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".tar.bz2": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
}

BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error),
    *(EOFError, OSError, ValueError, RuntimeError, NotImplementedError),
)
"""What the standard library raises for archives that are damaged, encrypted or packed in an unknown way."""

OUTSIDE = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|\Z)|.*[\\\0]", re.DOTALL)
"""Paths that lead, on one system or another, out of the folder in which an archive is unpacked."""

DATA_FOLDER = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")


def unpack(name: str, packed: bytes, *, most_mib: float = MOST_UNPACKED_MIB) -> dict[str, Content]:
    """Return the files of an archive, paths as they would be below `site-packages`; large ones by digest only.

    Links and devices are left out.

    Args:
        name: of the archive's file; its suffix tells how it is packed.
        packed: the archive.
        most_mib: what all files may take together when unpacked.

    Raises:
        InfraError: it is damaged, of an unknown kind or too large, or a path in it leads outside.
    """
    budget = _Budget(name, int(most_mib * MIB))
    try:
        found = dict(_members(name, io.BytesIO(packed), budget))
    except BROKEN as error:
        raise InfraError(f"this archive cannot be unpacked: {error}", place=name) from None
    installed = _from_wheel if name.endswith(".whl") else _from_source_release
    return {installed(_inside(path, name)): found[path] for path in sorted(found)}


class _Budget:
    """How many bytes may still be unpacked."""

    def __init__(self, archive: str, left_bytes: int) -> None:
        self._archive = archive
        self._left_bytes = left_bytes

    def spend(self, size_bytes: int) -> None:
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise InfraError("this archive is too large to be compared", place=self._archive)


class _Bounded(io.RawIOBase):
    """A stream that may be read as far as the budget goes, whatever the archive says of its size."""

    def __init__(self, stream: Readable, budget: _Budget) -> None:
        super().__init__()
        self._stream = stream
        self._budget = budget

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, at most a piece of them at once."""
        found = self._stream.read(size if 0 <= size < PIECE_BYTES else PIECE_BYTES)
        self._budget.spend(len(found))
        return found


def _members(name: str, packed: io.BytesIO, budget: _Budget) -> Iterator[tuple[str, Content]]:
    if name.endswith((".whl", ".zip")):
        return _zip_members(packed, budget)
    for suffix, opener in OPENERS.items():
        if name.endswith(suffix):
            return _tar_members(opener(packed), budget)
    raise InfraError("this is neither a wheel nor a source release", place=name)


def _zip_members(packed: io.BytesIO, budget: _Budget) -> Iterator[tuple[str, Content]]:
    with zipfile.ZipFile(packed) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                with archive.open(member) as stream:
                    yield member.filename, _content(_Bounded(stream, budget))


def _tar_members(stream: Readable, budget: _Budget) -> Iterator[tuple[str, Content]]:
    with tarfile.open(fileobj=_Bounded(stream, budget), mode="r|") as archive:
        for member in archive:
            if member.isreg() and (contents := archive.extractfile(member)):
                yield member.name, _content(contents)


def _content(stream: Readable) -> Content:
    """Read to the end; keep the bytes of a file that is not too large."""
    digest, kept, size_bytes = hashlib.sha256(), bytearray(), 0
    while piece := stream.read(PIECE_BYTES):
        digest.update(piece)
        size_bytes += len(piece)
        if size_bytes <= LARGEST_KEPT_MIB * MIB:
            kept += piece
    if size_bytes > LARGEST_KEPT_MIB * MIB:
        return Digest(sha256=digest.hexdigest(), size_bytes=size_bytes)
    return bytes(kept)


def _inside(path: str, archive: str) -> str:
    if OUTSIDE.match(path):
        raise InfraError(f"this archive has a path that leads outside of it: {path!r}", place=archive)
    return str(PurePosixPath(path))


def _from_wheel(path: str) -> str:
    found = DATA_FOLDER.match(path)
    return path[found.end() :] if found else path


def _from_source_release(path: str) -> str:
    """Leave out the folder that holds everything, and the one that only sets the packages apart."""
    return path.partition("/")[2].removeprefix("src/") or path
