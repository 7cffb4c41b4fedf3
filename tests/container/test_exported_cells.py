"""What is exported of a recorded hang shows it in containers without network, on an engine that had nothing."""

from __future__ import annotations

import os
import secrets
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from backports import zstd

from bisectrix.images.archive import Image
from support.engines import address_of, can_start_engines, client_of, missing, own_engine
from support.index import serving_files
from support.planted import build, planted_releases
from support.programs import Program, recorded_hang

pytestmark = pytest.mark.container

HANGS = "planted-hang@hang=2.0"
REPRODUCED = f"{HANGS}: hang reproduced: ask -> wait_for_an_answer\n"
DEADLINE_S = 300


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with serving_files(map(build, planted_releases())) as url:
        yield recorded_hang(tmp_path_factory.mktemp("recorded"), url)


def exported(recorded: Program, target: Path, form: str, *options: str, **variables: str) -> Path:
    done = recorded("export", HANGS, "--as", form, "-o", str(target), *options, **variables)
    assert done.returncode == 0, done.stderr
    return target


def test_a_container_builds_and_runs_by_the_command_beside_it_without_network(
    recorded: Program, engine: docker.DockerClient, image: Image, tmp_path: Path
) -> None:
    folder = exported(recorded, tmp_path / "folder", "container", "--image", image.name)

    tag = f"bisectrix-test-{secrets.token_hex(4)}"
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    command = next(line for line in lines if line.startswith("    docker build")).replace("replay", tag)
    try:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env={**os.environ, "DOCKER_HOST": address_of(engine)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    finally:
        engine.images.remove(tag, force=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(REPRODUCED)


def test_a_capsule_runs_in_a_hardened_container(
    recorded: Program, engine: docker.DockerClient, image: Image, tmp_path: Path
) -> None:
    capsule = exported(recorded, tmp_path / "hang.pyz", "capsule")

    output = engine.containers.run(
        image.name,
        ["python3", "/hang.pyz"],
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        user="65534:65534",
        tmpfs={"/tmp": "rw,exec"},  # noqa: S108  inside the container
        volumes={str(capsule): {"bind": "/hang.pyz", "mode": "ro"}},
        remove=True,
    )

    assert output.decode() == REPRODUCED


@pytest.mark.usefixtures("engine")
def test_a_capsule_with_its_image_runs_on_an_empty_engine(recorded: Program, image: Image, short_path: Path) -> None:
    if not can_start_engines():
        missing("only root can start an engine of a test's own, with dockerd installed")
    options = ("--with-image", "--image", image.name)
    engine_here = {name: value for name, value in os.environ.items() if name == "DOCKER_HOST"}
    bundle = exported(recorded, short_path / "hang.tar.zst", "capsule", *options, **engine_here)
    with zstd.open(bundle) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        archive.extractall(short_path / "bundle", filter="data")

    with own_engine(short_path / "engine") as host, client_of(host) as client:
        assert client.images.list() == []
        done = subprocess.run(
            [short_path / "bundle" / "run.sh"],
            env={"PATH": os.environ["PATH"], "DOCKER_HOST": host},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    assert (done.returncode, done.stdout) == (0, REPRODUCED), done.stderr
