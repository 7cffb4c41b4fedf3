"""An engine that stops, loses an image, fills its disk or cannot reach a registry: said in words, and others go on."""

from __future__ import annotations

import gc
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from bisectrix.errors import InfraError
from bisectrix.images.archive import Image
from bisectrix.images.loading import load
from bisectrix.model.attempt import Exited
from bisectrix.model.environment import Unavailable
from bisectrix.supervise.order import Pulse
from bisectrix.supervise.supervisor import Supervisor
from support.engines import client_of, own_engine, run_engine_script
from support.harnessed import Harnessed, harnessed, opened

pytestmark = [
    pytest.mark.container,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]
"""The engine's client leaves sockets open when the engine goes away."""

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


def address(client: docker.DockerClient) -> str:
    return str(client.api.base_url).replace("http+docker://localhost", "")


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


def test_an_engine_that_stops_in_the_middle_is_our_failure_and_no_verdict(short_path: Path, built_image: Image) -> None:
    home = short_path / "engine"
    with own_engine(home) as host:
        with client_of(host) as client:
            load(client, built_image)
        with cells_on(host, built_image.name, short_path) as cell:
            stopping = threading.Thread(target=run_engine_script, args=("stop", "--home", str(home)))

            def stop(pulse: Pulse) -> None:
                if pulse is Pulse.READY:
                    stopping.start()

            cut_off = cell.run("print('up', flush=True); import time; time.sleep(600)", ready="up", on_pulse=stop)
            stopping.join()
            assert cut_off.ending != Exited(code=0)
            with pytest.raises(InfraError) as caught:
                cell.run("print('never')")
    assert "container engine" in str(caught.value)


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
