"""The whole program against the planted project: from manifests to verdicts, offline, in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from support.planted import PLANTED

DEADLINE_S = 300

GOLDEN = tomllib.loads((PLANTED / "golden.toml").read_text(encoding="utf-8"))

Run = Callable[[], Mapping[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the planted project; the flaky package counts its tosses in it."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(PLANTED / "project", folder / "project")
    flaky = folder / "project" / "repros" / "planted-flaky.py"
    flaky.write_text(flaky.read_text(encoding="utf-8").replace("@TOSSES@", str(folder / "tosses")), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path, index_url: str) -> Run:
    """Return a function that runs every matrix and returns the results by the name of the cell."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "UV_DEFAULT_INDEX": index_url}
    command = [sys.executable, "-m", "bisectrix", "run", "--set", "all", "--json"]

    def run() -> Mapping[str, Any]:
        done = subprocess.run(
            command, cwd=folder / "project", env=env, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        assert done.returncode == 0, done.stderr
        return {document["cell"]: document for document in map(json.loads, done.stdout.splitlines())}

    return run


@pytest.fixture(scope="module")
def results(run: Run) -> Mapping[str, Any]:
    return run()


def golden_words(document: Mapping[str, Any]) -> str:
    """`bad (flaky): fail 4/10`, as golden.toml has it: without intervals, which are tested where they are computed."""
    judgement = document["judgement"]
    remark = judgement.get("reason") or ("flaky" if judgement["flaky"] else "")
    verdict = f"{document['verdict']} ({remark})" if remark else document["verdict"]
    return f"{verdict}: {document['words'].partition(' (')[0]}"


def test_every_cell_comes_to_what_was_planted(results: Mapping[str, Any]) -> None:
    assert {cell: golden_words(document) for cell, document in results.items()} == GOLDEN["cells"]


@pytest.mark.parametrize("cell", GOLDEN["tests"])
def test_every_test_of_a_suite_has_its_own_outcome(results: Mapping[str, Any], cell: str) -> None:
    (attempt,) = results[cell]["state"]["attempts"]

    assert {test["nodeid"]: test["outcome"] for test in attempt["tests"]} == GOLDEN["tests"][cell]


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_a_hang_is_recorded_with_the_place_where_it_waits(results: Mapping[str, Any], version: str) -> None:
    (attempt,) = results[f"planted-hang@hang={version}"]["state"]["attempts"]

    functions = [frame["function"] for frame in attempt["chain"] if frame["file"] == "hang.py"]
    assert functions[-2:] == ["ask", "wait_for_an_answer"]


def test_a_co_mover_is_in_the_lock(results: Mapping[str, Any]) -> None:
    before, after = (dict(results[f"planted-culprit@culprit={v}"]["state"]["packages"]) for v in ("1.1.0", "2.0.0"))

    assert (before["friend"], after["friend"]) == ("1.0.0", "2.0.0")


def test_a_cell_that_cannot_be_run_says_why(results: Mapping[str, Any]) -> None:
    assert "friend>=99" in results["planted-unsatisfiable@unsatisfiable=2.0"]["state"]["explanation"]
    assert "no compiler for this planet" in results["planted-no-wheel@no-wheel=4.0"]["state"]["explanation"]
    assert "3.99" in results["planted-culprit@culprit=1.0.0,python=3.99"]["state"]["remedy"]


def test_nothing_is_left_alive(results: Mapping[str, Any], folder: Path) -> None:
    commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]

    assert results
    assert not [command for command in commands if str(folder) in command]


def test_nothing_is_written_outside_the_project_and_the_caches(results: Mapping[str, Any], folder: Path) -> None:
    assert results
    assert {path.name for path in (folder / "home").iterdir()} == {".cache"}
    assert {path.name for path in (folder / "home" / ".cache").iterdir()} == {"bisectrix", "uv"}
    assert {path.name for path in (folder / "project").iterdir()} == {"matrices", "repros", "results"}
    assert not list((folder / "home" / ".cache" / "bisectrix" / "scratch").glob("run-*"))


def test_a_second_run_runs_nothing_again(results: Mapping[str, Any], run: Run) -> None:
    again = run()

    assert {document["ran"] for document in again.values()} == {0}
    assert {cell: attempts(document) for cell, document in again.items()} == {
        cell: attempts(document) for cell, document in results.items()
    }


def attempts(document: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return document["state"].get("attempts")
