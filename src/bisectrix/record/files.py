"""Files that are whole or not there, and one writer at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bisectrix.errors import InfraError

LOCK_DEADLINE_S = 60.0
LOCK_RETRY_S = 0.01
READABLE_BY_ALL = 0o644


def write_whole(file: Path, content: bytes) -> None:
    """Replace `file`, durably: at any moment it has all of its old content or all of the new.

    Raises:
        InfraError: the disk is full, or the folder cannot be written.
    """
    with failing_as_infra(file, "cannot be written"):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(READABLE_BY_ALL)
            temporary.replace(file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(file.parent)


def write_if_new(file: Path, content: bytes) -> None:
    """Write as `write_whole` does, but leave a file alone that has this content already."""
    with failing_as_infra(file, "cannot be read"):
        same = file.is_file() and file.read_bytes() == content
    if not same:
        write_whole(file, content)


@contextmanager
def one_at_a_time(folder: Path, *, deadline_s: float = LOCK_DEADLINE_S) -> Iterator[None]:
    """Keep every other thread and process out that asks for the same folder; the kernel frees it when we die.

    Raises:
        InfraError: somebody else held it until the deadline.
    """
    with failing_as_infra(folder, "cannot be made"):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _wait_for(descriptor, folder, deadline_s)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def failing_as_infra(file: Path, what: str) -> Iterator[None]:
    """Turn a refusal of the operating system into an error: at `file`, `what`, and its reason."""
    try:
        yield
    except OSError as error:
        raise InfraError(
            f"{what}: {error.strerror}",
            place=str(file),
            hint="check free space and permissions, then run the same command again: it goes on from there",
        ) from error


def _wait_for(descriptor: int, folder: Path, deadline_s: float) -> None:
    give_up_at = time.monotonic() + deadline_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise InfraError(
                    f"held by another program for {deadline_s:.0f} s",
                    place=str(folder),
                    hint="another bisectrix works on the same results; wait for it or end it",
                ) from None
            time.sleep(LOCK_RETRY_S)
        else:
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
