"""Environments, each made once for a lock and an interpreter, shared by all attempts and by all harness runs.

```
ROOT/locks/KEY              held shared while the environment is used, exclusively while it is made or removed
ROOT/KEY/owner.json         written first: this folder is ours to remove
ROOT/KEY/venv/              the environment; its files are mostly those of uv's cache, so nobody may edit them
ROOT/KEY/complete.json      written last: it can be used; its time is that of the last use
```

A maker that is killed leaves a folder without `complete.json`, which the next one removes. Until the uv that it
had started has ended as well, the lock stays held, for uv inherits it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bisectrix.environments.installer import VENV_DEADLINE_S, Installer, Making, OnThisMachine
from bisectrix.environments.locking import FileLock
from bisectrix.errors import InfraError
from bisectrix.model.environment import Environment, Interpreter, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.resolve.uv import Uv

LAYOUT = 1  # raised whenever environments made by an older version must not be used any more
KEY_LENGTH = 32  # hex digits; a script's first line, which names its interpreter, has to stay below 128 characters

INSTALL_DEADLINE_S = 900.0
WAIT_DEADLINE_S = INSTALL_DEADLINE_S + VENV_DEADLINE_S

OWNER = "owner.json"
COMPLETE = "complete.json"


class Pool:
    """The environments below one folder."""

    def __init__(
        self, root: Path, uv: Uv, *, site_files: Mapping[str, str], installer: Installer | None = None
    ) -> None:
        """Use the folder `root`, which is made when it is needed.

        Args:
            root: nobody else's.
            uv: what makes environments on this machine and installs into them.
            site_files: name and text of what every environment gets beside its packages.
            installer: what makes them in place of that.
        """
        self._root = root
        self._uv = uv
        self._installer = installer or OnThisMachine(uv=uv)
        self._site_files = dict(site_files)

    def key(self, lock: Lock, interpreter: Interpreter) -> str:
        """Return the digest of all that goes into an environment."""
        parts = [LAYOUT, lock.sha256, str(interpreter.path), interpreter.version, sorted(self._site_files.items())]
        parts += self._installer.marks
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:KEY_LENGTH]

    def beside(self, uv: Uv) -> Pool:
        """Return the same pool for somebody who can be cancelled alone, through `uv`."""
        return Pool(self._root, uv, site_files=self._site_files, installer=self._installer.beside(uv))

    def has(self, lock: Lock, interpreter: Interpreter) -> bool:
        """Say whether the environment exists; unless it is held it may be gone the next moment."""
        return (self._root / self.key(lock, interpreter) / COMPLETE).exists()

    @contextmanager
    def hold(
        self, lock: Lock, interpreter: Interpreter, *, install_s: float = INSTALL_DEADLINE_S
    ) -> Iterator[Environment | Unavailable]:
        """Yield the environment, made now if there is none yet; it is not removed before the block ends.

        Where another thread or process is making it, wait for that. A failed installation is not remembered.

        Args:
            lock: what to install; a release of it that has to be built may take longer than it is given.
            interpreter: the Python of the environment.
            install_s: how long the installation may take.

        Raises:
            Cancelled: nobody wants it any more.
            InfraError: our side failed: index, disk, or a maker that does not come to an end.
        """
        key = self.key(lock, interpreter)
        folder = self._root / key
        with _our_disk(self._root):
            (self._root / "locks").mkdir(parents=True, exist_ok=True)
        with FileLock.opened(self._root / "locks" / key, self._uv.cancelled) as file:
            within_s = max(WAIT_DEADLINE_S, install_s + VENV_DEADLINE_S)
            file.share(within_s=within_s)
            while not (folder / COMPLETE).exists():
                file.own(within_s=within_s)
                making = Making(
                    folder=folder, lock=lock, interpreter=interpreter, held=file.descriptor, install_s=install_s
                )
                refused = None if (folder / COMPLETE).exists() else self._make(making)
                if refused is not None:
                    yield refused
                    return
                file.share(within_s=within_s)
            with _our_disk(folder):
                os.utime(folder / COMPLETE)
            yield _environment(folder, lock, interpreter)

    def prune(self, max_bytes: int) -> int:
        """Remove what was not used for longest until the rest fits, and what was never finished.

        Environments that somebody holds stay, and so does every folder that does not carry our mark.

        Returns:
            How many bytes were in what was removed; of those shared with uv's cache, none become free by it.
        """
        kept_bytes = removed_bytes = 0
        for entry in self._entries():
            if entry.complete and kept_bytes + entry.size_bytes <= max_bytes:
                kept_bytes += entry.size_bytes
            elif self._removed(entry):
                removed_bytes += entry.size_bytes
            else:
                kept_bytes += entry.size_bytes
        return removed_bytes

    def _make(self, making: Making) -> Unavailable | None:
        """Make the environment; on any failure leave nothing behind. The lock must be held alone."""
        folder = making.folder
        try:
            with _our_disk(folder):
                _remove(folder)
                folder.mkdir()
                (folder / OWNER).write_text(json.dumps({"made_by": "bisectrix", "layout": LAYOUT}))
                refused = self._installer.install(making)
                if refused is None:
                    self._finish(folder, making.lock, making.interpreter)
                    return None
        except BaseException:
            _remove(folder)
            raise
        _remove(folder)
        return refused

    def _finish(self, folder: Path, lock: Lock, interpreter: Interpreter) -> None:
        environment = _environment(folder, lock, interpreter)
        for name, text in self._site_files.items():
            (site_packages(environment) / name).write_text(text, encoding="utf-8")
        facts = {
            "lock_sha256": lock.sha256,
            "python": str(interpreter.path),
            "version": interpreter.version,
            "size_bytes": _size_bytes(folder),
        }
        draft = folder / f"{COMPLETE}.draft"
        draft.write_text(json.dumps(facts, indent=1))
        draft.replace(folder / COMPLETE)

    def _entries(self) -> list[_Entry]:
        """Return the folders that carry our mark, the last used first."""
        marks = self._root.glob(f"{'[0-9a-f]' * KEY_LENGTH}/{OWNER}")
        return sorted((_entry(mark.parent) for mark in marks), key=lambda entry: -entry.used_at)

    def _removed(self, entry: _Entry) -> bool:
        with _our_disk(entry.folder), FileLock.opened(self._root / "locks" / entry.folder.name) as file:
            if not file.try_to_own():
                return False
            _remove(entry.folder)
            return True


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A folder of the pool; `used_at` in seconds since the epoch, 0 for one that was never finished."""

    folder: Path
    complete: bool
    used_at: float
    size_bytes: int


def site_packages(environment: Environment) -> Path:
    """Return where its packages lie."""
    return environment.root / "lib" / f"python{environment.interpreter.minor}" / "site-packages"


def _environment(folder: Path, lock: Lock, interpreter: Interpreter) -> Environment:
    root = folder / "venv"
    python = root / "bin" / "python"
    return Environment(key=folder.name, root=root, python=python, interpreter=interpreter, lock_sha256=lock.sha256)


def _entry(folder: Path) -> _Entry:
    mark = folder / COMPLETE
    try:
        size_bytes = int(json.loads(mark.read_text())["size_bytes"])
        return _Entry(folder=folder, complete=True, used_at=mark.stat().st_mtime, size_bytes=size_bytes)
    except (OSError, ValueError, KeyError):
        return _Entry(folder=folder, complete=False, used_at=0.0, size_bytes=0)


def _size_bytes(folder: Path) -> int:
    return sum(os.lstat(Path(parent, name)).st_size for parent, _, names in os.walk(folder) for name in names)


def _remove(folder: Path) -> None:
    """Remove a folder that carries our mark, the mark of completeness first; nothing is done where there is none."""
    if not folder.exists():
        return
    if not (folder / OWNER).exists() and any(folder.iterdir()):
        raise InfraError("this folder is not ours, so it stays", place=str(folder), hint="move it out of the pool")
    (folder / COMPLETE).unlink(missing_ok=True)
    if (folder / "venv").exists():
        shutil.rmtree(folder / "venv")
    for file in sorted(folder.iterdir(), key=lambda file: file.name == OWNER):
        file.unlink()
    folder.rmdir()


@contextmanager
def _our_disk(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InfraError(
            f"the pool of environments cannot be written: {error.strerror or error}",
            place=str(place),
            hint="free some room, or set XDG_CACHE_HOME to another disk",
        ) from error
