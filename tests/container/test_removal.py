"""Containers end with their harness, however it ends, and nobody else's are touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from bisectrix.containers.leftovers import PREFIX, sweep, sweep_folders
from bisectrix.containers.owner import OWNER
from bisectrix.containers.session import Session
from bisectrix.images.archive import Image
from support.contained import PYTHON
from support.engines import address_of

pytestmark = pytest.mark.container

HARNESS = Path(__file__).parents[1] / "support" / "contained_harness.py"
COUNT = 10
PATIENCE_S = 60


@contextmanager
def harness(engine: docker.DockerClient, image: Image, cache: Path, folder: Path) -> Iterator[tuple[int, int]]:
    """Start one with many waiting containers and its sockets below a folder; yields its pid and that of its reaper."""
    arguments = (address_of(engine), image.name, PYTHON, str(cache), str(COUNT))
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, str(HARNESS), *arguments], stdout=subprocess.PIPE, text=True, env=environ
    )
    with process:
        try:
            assert process.stdout is not None
            ready, reaper = process.stdout.readline().split()
            assert ready == "ready"
            yield process.pid, int(reaper)
        finally:
            process.kill()


def owned(engine: docker.DockerClient, pid: int) -> list[str]:
    containers = engine.api.containers(all=True, filters={"label": OWNER})
    return [found["Id"] for found in containers if found["Labels"][OWNER].split()[2] == str(pid)]


def socket_folders(folder: Path) -> list[Path]:
    return list(folder.glob(f"{PREFIX}*"))


def becomes_true(condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def foreign(engine: docker.DockerClient, image: Image) -> Iterator[str]:
    """Have a container that somebody else has made, and that runs."""
    command = [PYTHON, "-c", "import time; time.sleep(600)"]
    container = engine.containers.run(image.name, entrypoint=command, detach=True, network_mode="none")
    yield str(container.id)
    container.remove(force=True)


def test_the_reaper_removes_them_all_after_a_sigkill(
    engine: docker.DockerClient, image: Image, tmp_path: Path, short_path: Path, foreign: str
) -> None:
    with harness(engine, image, tmp_path, short_path) as (pid, _):
        assert len(owned(engine, pid)) == COUNT
        assert len(socket_folders(short_path)) == 1
        os.kill(pid, signal.SIGKILL)
        assert becomes_true(lambda: not owned(engine, pid) and not socket_folders(short_path))
    assert engine.api.inspect_container(foreign)["State"]["Running"]


def test_without_its_reaper_their_processes_end_and_the_next_start_removes_them(
    engine: docker.DockerClient,
    image: Image,
    tmp_path: Path,
    short_path: Path,
    foreign: str,
    session: Session,
) -> None:
    with harness(engine, image, tmp_path, short_path) as (pid, reaper):
        mine = len(session.engine.labelled(OWNER)) - COUNT
        os.kill(reaper, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    left = owned(engine, pid)
    assert len(left) == COUNT
    assert becomes_true(lambda: not any(engine.api.inspect_container(one)["State"]["Running"] for one in left))
    assert sweep(session.engine) == COUNT
    assert sweep_folders(short_path) == 1
    assert not socket_folders(short_path)
    assert not owned(engine, pid)
    assert len(session.engine.labelled(OWNER)) == mine
    assert engine.api.inspect_container(foreign)["State"]["Running"]


def test_the_containers_of_a_living_harness_are_not_swept(
    engine: docker.DockerClient, image: Image, tmp_path: Path, short_path: Path, session: Session
) -> None:
    with harness(engine, image, tmp_path, short_path) as (pid, _):
        assert (sweep(session.engine), sweep_folders(short_path)) == (0, 0)
        assert len(owned(engine, pid)) == COUNT
        os.kill(pid, signal.SIGKILL)
        assert becomes_true(lambda: not owned(engine, pid))
