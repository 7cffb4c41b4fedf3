"""The main job on real packages: the hang of vcrpy 8.1.1 is seen, explained and pinned."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_S = 300

pytestmark = pytest.mark.upstream


def bisectrix(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bisectrix", *arguments],
        cwd=project,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("repros", "matrices"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def cells(project: Path) -> dict[str, dict[str, Any]]:
    done = bisectrix(project, "run", "vcr-pool", "--json", "-k", "vcrpy=7.0.0 or vcrpy=8.1.1 or vcrpy=8.2.0")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return {event["coordinates"]["vcrpy"]: event for event in events if event["event"] == "cell"}


def test_the_bad_release_hangs_and_its_neighbours_pass(cells: dict[str, dict[str, Any]]) -> None:
    assert {release: event["verdict"] for release, event in cells.items()} == {
        "7.0.0": "good",
        "8.1.1": "bad",
        "8.2.0": "good",
    }


def test_the_evidence_names_the_chain_from_main_to_the_pool(cells: dict[str, dict[str, Any]]) -> None:
    chain = cells["8.1.1"]["state"]["attempts"][0]["chain"]
    places = [f"{frame['file']}:{frame['function']}" for frame in chain]

    positions = [
        next(index for index, place in enumerate(places) if part in place)
        for part in ("main", "httpx/", "vcr/stubs/httpcore_stubs.py", "connection_pool.py:wait_for_connection")
    ]
    assert positions == sorted(positions)


def test_the_page_says_which_releases_and_what_to_pin(project: Path, cells: dict[str, dict[str, Any]]) -> None:
    assert cells
    page = (project / "results/vcr-pool.md").read_text(encoding="utf-8")
    assert "8.1.1" in page
    assert "vcrpy>=8.2.0" in page


def test_what_is_recorded_is_not_run_again(project: Path, cells: dict[str, dict[str, Any]]) -> None:
    assert cells
    done = bisectrix(project, "run", "vcr-pool", "--json", "-k", "vcrpy=8.1.1")
    (event,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert event["ran"] == 0


def test_show_prints_the_await_chain(project: Path, cells: dict[str, dict[str, Any]]) -> None:
    shown = bisectrix(project, "show", cells["8.1.1"]["cell"])
    assert "wait_for_connection" in shown.stdout
    assert shown.returncode == 0
