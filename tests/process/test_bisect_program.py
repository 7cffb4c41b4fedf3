"""`bisectrix bisect`, for real and offline: from releases to the commit, and along the axes of a matrix."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import bisectrix
from support.index import serving_files
from support.planted import Release, build
from support.remote import serving_repositories
from support.repositories import BAD, BROKEN, GOOD, PlantedRepository, git_variables, tiny

pytestmark = pytest.mark.slow

DEADLINE_S = 300
HERE = ".".join(map(str, sys.version_info[:2]))

REPRO = """\
# /// script
# requires-python = ">=3.8"
# dependencies = ["tiny>=0.1"]
#
# [tool.bisectrix]
# title = "The planted bug"
# matrices = ["switch"]
#
# [tool.bisectrix.bug]
# kind = "raises"
# pattern = "the planted bug"
# ///
import os

import tiny

if int(os.environ.get("DEPTH", "9")) > 4:
    tiny.act()
"""
MATRIX = f"""\
title = "A switch"
set = "quick"

[axes]
python = ["{HERE}"]
tiny = ["2.0", "3.0"]

[axes.env]
DEPTH = ["1", "2", "4", "8", "16"]
"""


def act(number: int, *, bad: bool) -> str:
    return (BAD if bad else GOOD).format(number=number)


class History(PlantedRepository):
    """Sixteen commits of three releases: number 7 is to blame, number 9 merges it, 14 mends it, 13 does not build."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.commits: dict[int, str] = {}
        self._step(1, tiny(act(1, bad=False)))
        self._step(2, tag="v2.0")
        self._step(3)
        self.git("checkout", "--quiet", "-b", "feature")
        self._step(5)
        self._step(6)
        self._step(7, {"tiny.py": act(7, bad=True)})
        self._step(8)
        self.git("checkout", "--quiet", "main")
        self._step(4, {"main.txt": "beside the feature"})
        self.commits[9] = self.merge("feature", "Merge the feature")
        self._step(10)
        self._step(11)
        self._step(12, tag="v3.0")
        self._step(13, {"backend.py": BROKEN})
        self._step(14, tiny(act(14, bad=False)))
        self._step(15)
        self._step(16, tag="v4.0")

    def _step(self, number: int, files: Mapping[str, str] | None = None, tag: str = "") -> None:
        self.commits[number] = self.commit(f"step {number}", files, tag)


class Place:
    """A home with a project in it, and an index with three releases of the tiny package."""

    def __init__(self, home: Path, index_url: str) -> None:
        self.project = home / "project"
        for name, text in {"repros/act.py": REPRO, "matrices/switch.toml": MATRIX}.items():
            file = self.project / name
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
        self._env = {
            **git_variables(home),
            "PYTHONPATH": str(Path(bisectrix.__file__).parents[1]),
            "UV_DEFAULT_INDEX": index_url,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, "-m", "bisectrix", *arguments),
            cwd=self.project,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def bisect(self, *arguments: str) -> Mapping[str, Any]:
        done = self.run("bisect", "act", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        record: Mapping[str, Any] = json.loads(done.stdout)
        return record

    @property
    def page(self) -> str:
        return (self.project / "results" / "act.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def index_url() -> Iterator[str]:
    releases = (
        Release(
            name="tiny",
            version=version,
            files={"tiny.py": act(month, bad=version == "3.0").encode()},
            uploaded=datetime(2024, month, 1, tzinfo=UTC),
        )
        for month, version in enumerate(("1.0", "2.0", "3.0", "4.0"), start=1)
    )
    with serving_files(map(build, releases)) as url:
        yield url


@pytest.fixture
def place(tmp_path: Path, index_url: str) -> Place:
    return Place(tmp_path, index_url)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, index_url: str) -> Place:
    """Return a place for tests that leave nothing in it."""
    return Place(tmp_path_factory.mktemp("shared"), index_url)


def test_from_the_releases_to_the_commit_inside_a_merge(place: Place, tmp_path: Path) -> None:
    history = History(tmp_path / "tiny repository")

    record = place.bisect("--package", "tiny", "--git", os.fspath(history.folder))

    assert record["specifier"] == ">=3.0,<4.0"
    introduced, fixed = record["boundaries"]
    outer, inner = introduced["commits"]
    assert [search["size"] for search in (outer, inner, *fixed["commits"])] == [7, 6, 5]
    assert f'Introduced in commit {history.commits[9][:12]} "Merge the feature"' in outer["sentences"][0]
    assert f'Introduced in commit {history.commits[7][:12]} "step 7"' in inner["sentences"][0]
    assert f'last good commit {history.commits[6][:12]} "step 6"' in inner["sentences"][0]
    (mended,) = fixed["commits"][0]["sentences"]
    last_bad, first_good = history.commits[12][:12], history.commits[14][:12]
    assert f'Fixed after commit {last_bad} "step 12", in commit {first_good} "step 14" at the latest' in mended
    assert f'{history.commits[13][:12]} "step 13" could not be tested' in mended
    assert f'{history.commits[7][:12]} "step 7"' in place.page
    assert not list((place.project / "results" / "locks").rglob("*git-*"))

    again = place.run("bisect", "act", "--package", "tiny", "--git", os.fspath(history.folder))

    assert again.returncode == 0, again.stderr
    new = [line for line in again.stderr.splitlines() if line.startswith("[") and "on record" not in line]
    assert [line for line in new if "unbuildable" not in line] == []
    assert place.run("findings", "--check").returncode == 0


def test_a_repository_at_an_address_is_searched_like_one_in_a_folder(place: Place, tmp_path: Path) -> None:
    history = History(tmp_path / "served" / "tiny")
    history.git("config", "uploadpack.allowFilter", "true")
    history.git("config", "uploadpack.allowAnySHA1InWant", "true")
    question = ("bisect", "act", "--package", "tiny", "--git")

    with serving_repositories(tmp_path / "served") as host:
        done = place.run(*question, f"{host}/tiny/.git", "--json")
        nowhere = place.run(*question, f"{host}/none.git")
    again = place.run(*question, f"{host}/tiny/.git", "--json")
    gone = place.run(*question, f"{host}/another.git")

    assert done.returncode == 0, done.stderr
    introduced, fixed = json.loads(done.stdout)["boundaries"]
    assert f'commit {history.commits[7][:12]} "step 7"' in introduced["commits"][1]["sentences"][0]
    assert f'commit {history.commits[14][:12]} "step 14"' in fixed["commits"][0]["sentences"][0]
    assert json.loads(again.stdout)["sentences"] == json.loads(done.stdout)["sentences"]
    assert (nowhere.returncode, gone.returncode) == (2, 3)
    assert "cannot be cloned" in nowhere.stderr
    assert "is the network up?" in gone.stderr


def test_a_release_without_a_tag_leaves_the_answer_at_the_releases(place: Place, tmp_path: Path) -> None:
    history = History(tmp_path / "tiny")
    history.git("tag", "-d", "v2.0", "v4.0")

    record = place.bisect("--package", "tiny", "--git", os.fspath(history.folder))

    assert record["specifier"] == ">=3.0,<4.0"
    assert [sentence for sentence in record["sentences"] if sentence.startswith("No commit: no tag for tiny 2.0")]


def test_a_matrix_is_searched_along_an_axis(place: Place) -> None:
    record = place.bisect("--axis", "DEPTH", "-m", "switch", "-k", "tiny=3.0")

    (boundary,) = record["boundaries"]
    assert (boundary["last_good"], boundary["first_bad"]) == ("4", "8")
    assert boundary["culprit"] == {"alone": True, "movers": [], "why": "all packages are the same"}
    assert record["commands"][0] == "nox -s bisect -- act --axis DEPTH -m switch -k tiny=3.0"


def test_releases_of_a_matrix_are_searched_with_the_others_held(place: Place) -> None:
    record = place.bisect("--axis", "tiny", "-k", "DEPTH=16")

    assert record["sentences"][0].startswith("Introduced in tiny 3.0 (last good tiny 2.0)")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--axis DEPTH", "the cells do not only differ along DEPTH (tiny: 2.0, 3.0)\n  hint: such as -k 'tiny=3.0'"),
        ("--axis color", "matrix switch has no axis color\n  hint: axes: python, tiny, DEPTH"),
        ("--axis DEPTH -k 'tiny=3.0 and DEPTH=8'", "there is one value of DEPTH, 8"),
        ("--axis DEPTH -m nothing", "no matrix is called 'nothing'"),
        ("--axis DEPTH --python 3.9", "--axis takes the cells of a matrix as they are"),
        ("--package tiny -k DEPTH=8", "-m and -k need --axis"),
        ("--package tiny --git /nowhere", "there is no such folder"),
        ("--pythons --git /nowhere", "--git needs --package"),
        ("", "exactly one of --package NAME, --dates FROM..TO, --pythons, --axis NAME"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(shared: Place, options: str, said: str) -> None:
    done = shared.run(*("bisect", "act"), *shlex.split(options))

    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("command", ["bisect act --package tiny", "delta act --good tiny=2.0 --bad tiny=3.0"])
def test_a_page_that_cannot_be_written_is_known_before_anything_runs(place: Place, command: str) -> None:
    (place.project / "matrices" / "switch.toml").unlink()

    done = place.run(*shlex.split(command))

    assert done.returncode == 2
    assert "no matrix is called 'switch'" in done.stderr
    assert "[ 1]" not in done.stderr


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("tiny", "--bad: 'tiny' is no cell\n  hint: such as python=3.11"),
        ("tinny=3.0", f"--bad: act@python={HERE},tinny=3.0 has no package tinny\n  hint: it has tiny"),
        ("tiny=9.0", f"--bad: act@python={HERE},tiny=9.0 cannot be run"),
        ("tiny=three", "--bad: 'three' is no version of tiny"),
        ("tiny=3.0,DEPTH=5", "--bad: no matrix has such a cell, and DEPTH means nothing outside of one"),
        (f"python={HERE},tiny=3.0,DEPTH=8", "the cells differ in arguments or variables"),
        ("tiny=2.0", "both cells have the same packages"),
    ],
)
def test_cells_that_cannot_be_compared_are_refused(shared: Place, bad: str, said: str) -> None:
    done = shared.run("delta", "act", "--good", "tiny=2.0", "--bad", bad)

    assert done.returncode == 2, done.stderr
    assert said in done.stderr


def test_the_difference_of_two_cells_is_found_recorded_and_shown(place: Place) -> None:
    done = place.run("delta", "act", "--good", "tiny=2.0", "--bad", "tiny=3.0", "--json")

    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["sentences"][0] == "tiny 2.0 -> 3.0 alone turns the good cell bad."
    (needed,) = record["sets"]
    assert needed["commands"] == [f"nox -s bisect -- act --package tiny --good 2.0 --bad 3.0 --python {HERE}"]
    assert "## Which package changes make the difference" in place.page
    assert "tiny 2.0 -&gt; 3.0 alone turns the good cell bad" in place.page
    assert place.run("findings", "--check").returncode == 0

    again = place.run("delta", "act", "--good", "tiny=2.0", "--bad", "tiny=3.0")

    assert again.stderr.count("(on record)") == sum(line.startswith("[") for line in again.stderr.splitlines()) > 0
    assert needed["commands"][0] in again.stdout


def test_searches_along_a_package_and_along_an_axis_of_that_name_keep_their_records(place: Place) -> None:
    whole = place.bisect("--package", "tiny")
    tabled = place.bisect("--axis", "tiny", "-k", "DEPTH=16")

    assert (whole["size"], tabled["size"]) == (4, 2)
    names = {file.name for file in (place.project / "results" / "bisections").iterdir()}
    assert names == {"act.tiny.json", "act.switch.tiny.json"}
    assert "tiny: 2 values, 2.0 to 3.0" in place.page
    assert place.bisect("--package", "tiny")["boundaries"] == whole["boundaries"]
