"""`git bisect run bisectrix run ... --git-bisect`, for real and offline."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bisectrix
from support.repositories import BAD, History, git_variables, tiny

pytestmark = pytest.mark.slow

DEADLINE_S = 300
DOCS = Path(__file__).parents[2] / "docs"

REPRO = """\
# /// script
# requires-python = ">=3.8"
# dependencies = ["tiny>=0.1"]
#
# [tool.bisectrix]
# title = "The planted bug"
#
# [tool.bisectrix.bug]
# kind = "raises"
# pattern = "the planted bug"
# ///
import tiny

tiny.act()
"""


class Harness:
    """A home with a project in it, and `bisectrix` on the PATH."""

    def __init__(self, home: Path) -> None:
        self.project = home / "repros"
        (self.project / "repros").mkdir(parents=True)
        (self.project / "repros" / "act.py").write_text(REPRO)
        (home / "bin").mkdir()
        (home / "bin" / "bisectrix").write_text(f'#!/bin/sh\nexec {sys.executable} -m bisectrix "$@"\n')
        (home / "bin" / "bisectrix").chmod(0o755)
        variables = git_variables(home)
        self.variables = {
            **variables,
            "PATH": f"{home / 'bin'}:{variables['PATH']}",
            "PYTHONPATH": str(Path(bisectrix.__file__).parents[1]),
            "UV_OFFLINE": "1",
            "UV_NO_INDEX": "1",
        }

    def shell(self, folder: Path, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ("sh", "-c", command),
            cwd=folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def run(self, folder: Path, options: str = "--with-source tiny=.") -> subprocess.CompletedProcess[str]:
        return self.shell(folder, f"bisectrix -C ~/repros run act --git-bisect {options}")


def documented(which: int) -> str:
    """Return a `git bisect run` of the manual, asked of the planted package."""
    lines = (DOCS / "git-bisect.md").read_text(encoding="utf-8").splitlines()
    command = [line.removeprefix("$ ") for line in lines if line.startswith("$ git bisect run")][which]
    here = ".".join(map(str, sys.version_info[:2]))
    return command.replace("httpx-hang", "act").replace("httpx=.", "tiny=.").replace("python=3.12", f"python={here}")


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Plant a bug that comes with number 7."""
    return History(tmp_path / "tiny repo", bad=range(7, 13))


def bisected(harness: Harness, history: History, command: str) -> str:
    history.repository.git("bisect", "start", history.commits[12], history.commits[1])
    done = harness.shell(history.repository.folder, command)
    assert history.repository.git("status", "--porcelain") == ""
    return done.stdout + done.stderr


@pytest.mark.parametrize("which", [0, 2], ids=["as it is", "with a cell chosen"])
def test_git_bisect_names_the_planted_commit(harness: Harness, history: History, which: int) -> None:
    assert f"{history.commits[7]} is the first bad commit" in bisected(harness, history, documented(which))


def test_git_bisect_names_a_fix_when_the_answers_are_swapped(harness: Harness, tmp_path: Path) -> None:
    history = History(tmp_path / "tiny", bad=range(1, 9))
    assert f"{history.commits[9]} is the first bad commit" in bisected(harness, history, documented(1))


def test_each_commit_has_its_exit_code_and_its_answer_is_kept(harness: Harness, history: History) -> None:
    codes = {}
    for number in (4, 5, 7):
        history.check_out(number)
        codes[number] = harness.run(history.repository.folder).returncode
    again = harness.run(history.repository.folder)

    assert codes == {4: 0, 5: 125, 7: 1}
    assert again.returncode == 1
    assert "unchanged" in again.stderr


def test_nothing_of_a_folder_is_published(harness: Harness, history: History) -> None:
    harness.run(history.repository.folder)
    written = harness.shell(history.repository.folder, "bisectrix -C ~/repros findings")

    assert written.returncode == 0
    assert not (harness.project / "results" / "locks").exists()
    assert not (harness.project / "results" / "records").exists()


def test_an_edit_is_run_again_and_taking_it_back_is_not(harness: Harness, history: History) -> None:
    history.check_out(1)
    folder = history.repository.folder
    before = (folder / "tiny.py").read_text()
    good = harness.run(folder)
    (folder / "tiny.py").write_text(BAD.format(number=0))
    edited = harness.run(folder)
    (folder / "tiny.py").write_text(before)
    restored = harness.run(folder)

    assert (good.returncode, edited.returncode, restored.returncode) == (0, 1, 0)
    assert "tiny=folder-" in edited.stderr
    assert "unchanged" in restored.stderr


def test_a_folder_outside_any_repository_will_do(harness: Harness, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    for name, text in tiny(BAD.format(number=1)).items():
        (folder / name).write_text(text)
    assert harness.run(folder).returncode == 1


@pytest.mark.parametrize(
    "options",
    [
        pytest.param("--with-source tiny=nowhere", id="no such folder"),
        pytest.param("--with-source tiny", id="no folder"),
        pytest.param("--with-source tiny=. --with-source Tiny=.", id="twice"),
        pytest.param("--misspelled", id="no such option"),
        pytest.param("-k nothing", id="no cell"),
        pytest.param("--dry-run", id="no answer"),
    ],
)
def test_what_is_no_answer_stops_git(harness: Harness, tmp_path: Path, options: str) -> None:
    assert harness.run(tmp_path, options).returncode == 128


def test_a_package_that_cannot_be_had_is_skipped(harness: Harness, tmp_path: Path) -> None:
    assert harness.run(tmp_path, "").returncode == 125
