"""The main job on real packages: the hang of vcrpy 8.1.1 is seen, explained and pinned."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import uv

from support.networkless import networkless, run_networkless

ROOT = Path(__file__).parents[2]
DEADLINE_S = 300
HANGS_FOR_S = 5

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


@pytest.fixture(scope="module")
def hanging(cells: dict[str, dict[str, Any]]) -> str:
    return str(cells["8.1.1"]["cell"])


def export(project: Path, cell: str, form: str, target: Path, *options: str) -> Path:
    done = bisectrix(project, "export", cell, "--as", form, "-o", str(target), *options)
    assert done.returncode == 0, done.stderr
    return target


def test_a_replay_sees_the_same_place(project: Path, hanging: str) -> None:
    done = bisectrix(project, "replay", hanging)

    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{hanging}: same outcome, same signature")


def test_a_capsule_shows_the_hang_without_network_and_is_always_the_same_file(
    project: Path, hanging: str, tmp_path: Path
) -> None:
    capsules = [export(project, hanging, "capsule", tmp_path / f"{number}.pyz") for number in (1, 2)]

    done = run_networkless([sys.executable, capsules[0]], tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{hanging}: hang reproduced: main -> ")
    assert "wait_for_connection" in done.stdout
    assert capsules[0].read_bytes() == capsules[1].read_bytes()


def test_the_folder_of_a_container_shows_the_hang_without_network(project: Path, hanging: str, tmp_path: Path) -> None:
    folder = export(project, hanging, "container", tmp_path / "folder")

    done = run_networkless([sys.executable, folder / "capsule"], tmp_path)

    assert (done.returncode, "wait_for_connection" in done.stdout) == (0, True)


def test_a_script_with_its_wheels_hangs_without_network(project: Path, hanging: str, tmp_path: Path) -> None:
    folder = export(project, hanging, "script", tmp_path / "folder", "--with-wheels")
    command = [uv.find_uv_bin(), "run", "--offline", "--no-config", "--python", sys.executable, "vcr-pool.py"]

    with subprocess.Popen(
        networkless(command),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            said = [next(process.stdout) for _ in range(4)]
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(HANGS_FOR_S)
        finally:
            os.killpg(process.pid, signal.SIGKILL)

    assert said == ["ready\n", *(f"request {number} of 3\n" for number in (1, 2, 3))]


def test_the_text_of_an_issue_has_the_table_the_place_and_the_repro(
    project: Path, hanging: str, tmp_path: Path
) -> None:
    text = export(project, hanging, "issue", tmp_path / "issue.md").read_text(encoding="utf-8")

    for part in ("| 8.1.1 | **hang 1/1** |", "wait_for_connection", '"vcrpy==8.1.1",', "uv run --python"):
        assert part in text
