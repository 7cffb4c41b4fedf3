"""An engine that stops, loses an image, fills its disk or cannot reach a registry: said in words, and others go on."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

from bisectrix.containers.owner import OWNER, owner
from bisectrix.containers.session import Session
from bisectrix.errors import ExitCode, InfraError
from bisectrix.images.archive import Image
from bisectrix.images.loading import load
from bisectrix.model.attempt import Exited
from bisectrix.model.environment import Unavailable
from bisectrix.supervise import proc
from bisectrix.supervise.order import Pulse
from bisectrix.supervise.supervisor import Supervisor
from support.engines import client_of, own_engine, run_engine_script
from support.harnessed import Harnessed, harnessed, opened
from support.placed import REPRO, bisectrix, write_project

pytestmark = [
    pytest.mark.container,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]
"""The engine's client leaves sockets open when the engine goes away."""

STEPS = 6
DEADLINE_S = 120
SMALL_MIB = 320
"""Room for the image, also while it is unpacked."""


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()  # so that no later test hears of them


@contextmanager
def cells_on(host: str, image: str, folder: Path) -> Iterator[Harnessed]:
    """Run programs on an engine of our choice, with the helpers that the user's cache has."""
    with (
        opened({**os.environ, "DOCKER_HOST": host}) as containers,
        Supervisor() as supervisor,
        harnessed(containers, supervisor, image, folder) as ready,
    ):
        yield ready


def cells_in(lines: Iterable[str]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [event for event in events if event["event"] == "cell"]


def kill_engine(host: str) -> None:
    """Kill the engine of a test's own, which alone was started with this socket."""
    for name in filter(str.isdigit, proc.names("/proc")):
        words = proc.read(f"/proc/{name}/cmdline").split(b"\0")
        if words[0].endswith(b"dockerd") and host.encode() in words:
            handle = os.pidfd_open(int(name))
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)


def test_an_image_that_is_nowhere_makes_its_cells_unavailable_with_the_reason(cell: Harnessed) -> None:
    found = cell.containers.image("registry.invalid/nobody/nothing:1", {})
    assert isinstance(found, Unavailable)
    assert found.reason == "no-image"
    assert "registry.invalid/nobody/nothing:1" in found.explanation
    assert found.remedy
    assert cell.run("print('others go on')").ending == Exited(code=0)


def test_without_an_engine_cells_are_unavailable_and_the_remedy_is_named() -> None:
    with opened({**os.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"}) as containers:
        found = containers.image("bisectrix/debian-bookworm", {})
    assert isinstance(found, Unavailable)
    assert found.reason == "no-engine"
    assert "DOCKER_HOST" in found.remedy


def test_an_image_that_is_removed_before_the_attempt_is_named(short_path: Path, built_image: Image) -> None:
    with own_engine(short_path / "engine") as host, client_of(host) as client:
        load(client, built_image)
        with cells_on(host, built_image.name, short_path) as cell:
            assert cell.run("print('here')").ending == Exited(code=0)
            client.images.remove(built_image.id, force=True)
            with pytest.raises(InfraError) as caught:
                cell.run("print('gone')")
    assert built_image.id.removeprefix("sha256:")[:12] in str(caught.value)
    assert "removed meanwhile" in str(caught.value)


def test_a_container_that_is_ended_from_outside_is_our_failure_and_no_verdict(
    cell: Harnessed, engine: docker.DockerClient
) -> None:
    def end(pulse: Pulse) -> None:
        if pulse is Pulse.READY:
            for found in engine.containers.list(filters={"label": f"{OWNER}={owner()}"}):
                found.kill()

    with pytest.raises(InfraError, match="ended from outside"):
        cell.run("print('up', flush=True); import time; time.sleep(600)", ready="up", on_pulse=end)
    assert cell.run("print('others go on')").ending == Exited(code=0)


def test_an_engine_that_dies_in_the_middle_costs_its_own_cells_and_the_same_command_goes_on(
    short_path: Path, built_image: Image, session: Session
) -> None:
    home, cache = short_path / "engine", short_path / "cache" / "bisectrix"
    cache.mkdir(parents=True)
    (cache / "tools").symlink_to(session.static_uv.folder().parent)
    axes = f"[axes.env]\nSTEP = {[str(step) for step in range(STEPS)]}\n"
    project = write_project(short_path, [built_image.name], axes=axes)
    (project / "repros" / "here.py").write_text(REPRO.replace('matrices = ["places"]', "matrices = []"))
    with own_engine(home) as host, client_of(host) as client:
        load(client, built_image)
        command = ("run", "where", "here", "-j", "1", "--json")
        environ = {**os.environ, "DOCKER_HOST": host, "XDG_CACHE_HOME": str(project / "cache")}
        with subprocess.Popen(
            [sys.executable, "-m", "bisectrix", *command],
            cwd=project,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdout is not None
            lines = []
            for line in running.stdout:
                lines.append(line)
                if built_image.name in line:
                    kill_engine(host)
                    break
            rest, said = running.communicate(timeout=DEADLINE_S)
        done = cells_in([*lines, *rest.splitlines()])
        assert running.returncode == ExitCode.INFRA, said
        assert sum(cell["cell"].startswith("here") for cell in done) == 1
        assert 2 <= len(done) < 1 + STEPS
        assert "did not answer" in said

        run_engine_script("start", "--own", "--home", str(home))
        load(client, built_image)
        again = bisectrix(project, *command, environ=environ)
    assert again.returncode == 0, again.stderr
    assert sum(cell["ran"] for cell in cells_in(again.stdout.splitlines())) == 1 + STEPS - len(done)


def test_a_full_disk_of_the_engine_is_named(short_path: Path, built_image: Image) -> None:
    home = short_path / "engine"
    data = short_path / "small"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_MIB}m", "none", str(data)], check=True, timeout=30)
    try:
        with own_engine(data / "engine") as host, client_of(host) as client:
            load(client, built_image)
            with cells_on(host, built_image.name, short_path) as cell:
                assert cell.run("print('room')").ending == Exited(code=0)
                _fill(data)
                with pytest.raises(InfraError) as caught:
                    cell.run("print('none')")
                (data / "ballast").unlink()
                assert cell.run("print('room again')").ending == Exited(code=0)
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=True, timeout=30)
    assert "no space left" in str(caught.value)
    assert "free some room" in str(caught.value)
    assert not home.exists()


def _fill(folder: Path) -> None:
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(1 << 16))
        except OSError:
            return
