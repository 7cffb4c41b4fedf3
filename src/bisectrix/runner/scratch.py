"""Private folders for attempts: made for one, removed after it, swept when their owner was killed."""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bisectrix.errors import InfraError

OWNER_FILE = "owner.lock"


class Scratch:
    """The folder of one harness run below the cache; a lock on its owner file says that the owner lives."""

    def __init__(self, root: Path) -> None:
        """Make a folder of our own below `root`, after removing those whose owners are dead."""
        try:
            root.mkdir(parents=True, exist_ok=True)
            with _only_one(root):
                _sweep(root)
                self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=root))
                self._owner: IO[str] = (self.folder / OWNER_FILE).open("w")
                fcntl.flock(self._owner, fcntl.LOCK_EX)
        except OSError as error:
            raise InfraError(f"no scratch folder can be made: {error.strerror}", place=str(root)) from None

    def __enter__(self) -> Self:
        """Return itself; the folder exists until the block ends."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder with all it holds."""
        remove_tree(self.folder)
        self._owner.close()

    @contextmanager
    def attempt(self, files: Mapping[str, bytes]) -> Iterator[Path]:
        """Yield a folder with the files of a repro below `work`, and an empty `evidence`."""
        folder = Path(tempfile.mkdtemp(prefix="a-", dir=self.folder))
        try:
            (folder / "evidence").mkdir()
            for name, content in files.items():
                target = folder / "work" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            yield folder
        except OSError as error:
            raise InfraError(f"the scratch folder cannot be written: {error.strerror}", place=str(folder)) from error
        finally:
            remove_tree(folder)


@contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Keep other harness processes from making or sweeping folders below `root` meanwhile."""
    with (root / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(root: Path) -> None:
    for folder in root.glob("run-*"):
        if not _is_owned(folder / OWNER_FILE):
            remove_tree(folder)


def _is_owned(owner: Path) -> bool:
    try:
        with owner.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def remove_tree(folder: Path) -> None:
    """Remove a folder, however deep, even where a repro has taken our right to write away; silent about what stays.

    Folders are moved to the top before they are emptied, so that no path grows longer than the kernel takes. That makes
    nothing new, so it works on a full disk, too.
    """
    names = (folder / f".{secrets.token_hex(8)}-{number}" for number in count())
    waiting = [folder]
    while waiting:
        at = waiting.pop()
        with suppress(OSError):
            at.chmod(stat.S_IRWXU)
            waiting.extend(_empty(at, names))
            at.rmdir()
    with suppress(OSError):
        folder.rmdir()


def _empty(at: Path, names: Iterator[Path]) -> Iterator[Path]:
    """Remove the files of a folder, and yield its folders, which are called `names` from now on."""
    with os.scandir(at) as entries:
        found = tuple(entries)
    for entry in found:
        with suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                Path(entry).chmod(stat.S_IRWXU)
                yield Path(entry).rename(next(names))
            else:
                Path(entry).unlink()
