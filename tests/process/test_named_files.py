"""Which files in shared memory are taken to be those of an attempt's processes, and removed when these have ended."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bisectrix.supervise.containment.named_files import NamedFiles

MEMORY = Path("/dev/shm")  # noqa: S108 - what this is about

pytestmark = pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="no shared memory here")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def files(folder: Path) -> NamedFiles:
    """Look at a folder of our own in which nothing is yet but one old file."""
    (folder / "old").touch()
    made = NamedFiles(kind="file", folder=str(folder), seen_as=f"{folder}/")
    made.begin()
    return made


def noted(files: NamedFiles) -> None:
    """Take this process for one of the attempt."""
    files.note([os.getpid()])


def test_what_a_process_had_open_is_removed_and_named(files: NamedFiles, folder: Path) -> None:
    with (folder / "new").open("w"):
        noted(files)
    assert list(files.remove()) == ["file new, removed"]
    assert not (folder / "new").exists()


def test_what_a_process_had_in_its_memory_under_another_name_is_removed(files: NamedFiles, folder: Path) -> None:
    with (folder / "first").open("wb+") as opened:
        opened.truncate(4096)
        mapped = mmap.mmap(opened.fileno(), 4096)
    (folder / "first").rename(folder / "second")
    with mapped:
        noted(files)
    assert list(files.remove()) == ["file second, removed"]


def test_what_was_there_before_stays(files: NamedFiles, folder: Path) -> None:
    with (folder / "old").open("w"):
        noted(files)
    assert list(files.remove()) == []
    assert (folder / "old").exists()


def test_what_no_process_of_the_attempt_had_open_stays(files: NamedFiles, folder: Path) -> None:
    (folder / "others").touch()
    noted(files)
    assert list(files.remove()) == []
    assert (folder / "others").exists()


def test_what_somebody_still_uses_stays_and_is_named(files: NamedFiles, folder: Path) -> None:
    with (folder / "new").open("w"):
        noted(files)
        assert list(files.remove()) == ["file new, stays: somebody else uses it"]
    assert (folder / "new").exists()


def test_what_took_the_place_of_a_file_stays(files: NamedFiles, folder: Path) -> None:
    with (folder / "new").open("w"):
        noted(files)
        (folder / "new").unlink()
        (folder / "new").touch()
    assert list(files.remove()) == []
    assert (folder / "new").exists()


def test_where_nothing_can_be_listed_nothing_is_removed() -> None:
    nowhere = NamedFiles(kind="file", folder="", seen_as="/")
    nowhere.begin()
    noted(nowhere)
    assert list(nowhere.remove()) == []
