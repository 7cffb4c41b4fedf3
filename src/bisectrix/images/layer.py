"""A folder as the layer of an image: the same files give the same bytes, whoever packs them and whenever."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

EPOCH = 946684800  # 2000-01-01: zip files, which programs in the image may write, know no time before 1980
FOR_ALL = 0o1777
TEMPORARY = {"tmp", "var/tmp"}
BLOCK = 1 << 20


def write_layer(root: Path, file: Path) -> str:
    """Pack a folder as the root of an image and return the digest of the layer.

    Of a file's mode only "may be executed" is kept: nothing in a layer of ours is setuid. What is neither file, folder
    nor symbolic link is left out.
    """
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in _sorted_below(root):
            _add(archive, path, str(path.relative_to(root)))
    return file_digest(file)


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def member(name: str, mode: int) -> tarfile.TarInfo:
    """Return an entry of nobody in particular, at no time in particular."""
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = mode, EPOCH
    return entry


def add_content(archive: tarfile.TarFile, entry: tarfile.TarInfo, content: IO[bytes]) -> None:
    """Add a file's entry with all that can be read from `content`, from its start."""
    entry.size = content.seek(0, os.SEEK_END)
    content.seek(0)
    archive.addfile(entry, content)


def _sorted_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _sorted_below(path)


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        entry = member(name, 0o777)
        entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
        archive.addfile(entry)
    elif stat.S_ISDIR(mode):
        entry = member(name, FOR_ALL if name in TEMPORARY else 0o755)
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
    elif stat.S_ISREG(mode):
        with path.open("rb") as content:
            add_content(archive, member(name, 0o755 if mode & stat.S_IXUSR else 0o644), content)
