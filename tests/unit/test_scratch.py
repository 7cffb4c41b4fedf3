"""Folders of attempts come and go, and nothing of others is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bisectrix.runner.scratch import Scratch, remove_tree

FILES = {"main.py": b"print(1)", "sub/data.txt": b"x"}


def test_an_attempt_sees_the_files_of_the_repro(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch, scratch.attempt(FILES) as folder:
        assert (folder / "work/sub/data.txt").read_bytes() == b"x"
        assert list((folder / "evidence").iterdir()) == []


def test_nothing_is_left_of_a_run(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch, scratch.attempt(FILES):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == [".lock"]


def test_a_folder_made_unwritable_by_the_repro_is_removed_too(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch, scratch.attempt(FILES) as folder:
        (folder / "work/sub").chmod(0)
        (folder / "work").chmod(0o500)
    assert not folder.exists()


def test_the_folder_of_a_killed_harness_is_swept_by_the_next(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from bisectrix.runner.scratch import Scratch\n"
        "Scratch(Path(sys.argv[1])).__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], timeout=60, check=False)
    assert list(tmp_path.glob("run-*"))

    with Scratch(tmp_path) as scratch:
        assert list(tmp_path.glob("run-*")) == [scratch.folder]


def test_the_folder_of_a_living_harness_stays(tmp_path: Path) -> None:
    with Scratch(tmp_path) as first, Scratch(tmp_path):
        assert first.folder.exists()


def test_a_folder_that_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    with Scratch(tmp_path):
        pass
    assert (tmp_path / "precious").is_dir()


def test_a_tree_deeper_than_any_path_may_be_long_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    at = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("level", dir_fd=at)
        below = os.open("level", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    remove_tree(folder)
    assert not folder.exists()
