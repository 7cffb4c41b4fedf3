"""Files that a command writes where a person said: whole, or not there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from bisectrix.errors import InfraError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

EXECUTABLE, READABLE = 0o755, 0o644


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write path to content below `target`.

    Raises:
        InfraError: the disk is full, or the place cannot be written.
    """
    with _whole(target):
        for name, content in files.items():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def write_file(target: Path, content: bytes, *, mode: int) -> None:
    """Write one file; raises as `write_folder` does."""
    with _whole(target):
        target.write_bytes(content)
        target.chmod(mode)


def write_archive(target: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write what `write` gives, compressed; raises as `write_folder` does."""
    with _whole(target), zstd.open(target, "wb") as stream:
        write(cast("IO[bytes]", stream))


@contextmanager
def _whole(target: Path) -> Iterator[None]:
    """Remove what was begun, whatever stops it."""
    try:
        yield
    except BaseException as error:
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InfraError(f"cannot be written: {error.strerror}", place=str(target)) from None
        raise
