"""The script that starts a container engine: again and again, after a crash, beside others; and its refusals."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from bisectrix.images.archive import Image
from bisectrix.images.loading import load
from bisectrix.supervise import proc
from support.engines import can_start_engines, client_of, missing, own_engine, run_engine_script

pytestmark = pytest.mark.container


@pytest.fixture(autouse=True)
def _root_with_dockerd() -> None:
    if not can_start_engines():
        missing("only root can start an engine, with dockerd installed")


@pytest.fixture
def home(short_path: Path) -> Iterator[Path]:
    """Return the folder of an engine that is ended, come what may."""
    yield short_path / "engine"
    run_engine_script("stop", "--home", str(short_path / "engine"))


def processes_naming(folder: Path) -> list[str]:
    lines = (file.read_bytes().replace(b"\0", b" ").decode() for file in _command_lines())
    return [line for line in lines if f"{folder}/" in line]


def _command_lines() -> Iterator[Path]:
    return (file for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists())


def test_starting_twice_starts_one_and_stopping_leaves_nothing(home: Path) -> None:
    first = run_engine_script("start", "--own", "--home", str(home))
    second = run_engine_script("start", "--own", "--home", str(home))
    assert first.stdout == second.stdout == f"DOCKER_HOST=unix://{home}/docker.sock\n"
    assert "runs already" in second.stderr
    stopped = run_engine_script("stop", "--home", str(home))
    assert (stopped.returncode, stopped.stdout) == (0, "")
    assert not home.exists()
    assert processes_naming(home) == []
    assert "nothing to stop" in run_engine_script("stop", "--home", str(home)).stderr


def test_an_engine_that_was_killed_is_cleared_away_with_its_containers_and_started_again(
    home: Path, built_image: Image
) -> None:
    run_engine_script("start", "--own", "--home", str(home))
    with client_of(f"unix://{home}/docker.sock") as client:
        load(client, built_image)
        running = client.containers.run(built_image.id, ["sleep", "3600"], detach=True, network_mode="none")
        running.reload()
        pid = int(running.attrs["State"]["Pid"])
    os.kill(json.loads((home / "bisectrix-engine.json").read_text())["pid"], signal.SIGKILL)
    assert Path(f"/proc/{pid}").exists()
    again = run_engine_script("start", "--own", "--home", str(home))
    assert again.returncode == 0, again.stderr
    assert not proc.lives(pid), "whoever adopted it collects it in his own time"
    assert run_engine_script("stop", "--home", str(home)).returncode == 0
    assert processes_naming(home) == []


def test_stopping_one_leaves_the_others_alone(engine: docker.DockerClient, short_path: Path) -> None:
    before = engine.info()["DockerRootDir"]
    with own_engine(short_path / "engine") as host, client_of(host) as client:
        assert client.info()["DockerRootDir"] != before
    assert engine.info()["DockerRootDir"] == before


def test_without_being_told_otherwise_the_engine_that_runs_is_taken(engine: docker.DockerClient, home: Path) -> None:
    engine.ping()
    started = run_engine_script("start", "--home", str(home))
    assert started.returncode == 0
    assert not home.exists()


def test_a_folder_of_somebody_else_is_refused_and_kept(home: Path) -> None:
    home.mkdir()
    (home / "thesis.txt").write_text("mine")
    refused = run_engine_script("start", "--own", "--home", str(home))
    assert refused.returncode == 1
    assert "was not made by this program" in refused.stderr
    assert (home / "thesis.txt").read_text() == "mine"


def test_an_engine_that_dies_at_its_start_is_quoted(home: Path, tmp_path: Path) -> None:
    dying = tmp_path / "dockerd"
    dying.write_text("#!/bin/sh\necho the disk is on fire\nexit 3\n")
    dying.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    failed = run_engine_script("start", "--own", "--home", str(home), environ=environ)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "ended with 3" in failed.stderr
    assert failed.stderr.splitlines()[-1] == "the disk is on fire"


def test_a_docker_host_that_does_not_answer_is_named(home: Path) -> None:
    environ = {**os.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    refused = run_engine_script("start", "--home", str(home), environ=environ)
    assert refused.returncode == 1
    assert "unix:///nowhere/docker.sock and nothing answers there" in refused.stderr
