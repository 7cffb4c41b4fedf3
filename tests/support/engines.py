"""Container engines for tests: the one that runs, podman's, and one of a test's own that it may break."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

REQUIRED = "BISECTRIX_REQUIRE_ENGINE"
ENGINE_SCRIPT = Path(__file__).parents[2] / "scripts" / "engine"
SCRIPT_DEADLINE_S = 120
CLIENT_TIMEOUT_S = 60
ANSWERS_WITHIN_S = 30
LOOK_EVERY_S = 0.05


def missing(what: str) -> None:
    """Skip a test, or fail it where engines are required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{what}, and {REQUIRED} is 1")
    pytest.skip(what)


def can_start_engines() -> bool:
    """Say whether a test can have an engine of its own."""
    return os.geteuid() == 0 and shutil.which("dockerd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is not None


@contextmanager
def client_of(host: str) -> Iterator[docker.DockerClient]:
    """Connect to the engine at an address."""
    client = docker.DockerClient(base_url=host, timeout=CLIENT_TIMEOUT_S)
    try:
        yield client
    finally:
        client.close()


def address_of(client: docker.DockerClient) -> str:
    """Return where the engine of a client listens."""
    adapter: Any = client.api.get_adapter(client.api.base_url)
    return f"unix://{adapter.socket_path}"


def run_engine_script(*words: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `scripts/engine` and return what it said; `environ` None means ours."""
    return subprocess.run(
        [sys.executable, str(ENGINE_SCRIPT), *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=SCRIPT_DEADLINE_S,
        env=environ,
    )


@contextmanager
def own_engine(home: Path) -> Iterator[str]:
    """Start an engine in an empty folder beside any other, and yield its address; it is ended whatever happened to it.

    Where the folder lies decides how long its path is: a socket's may have 107 bytes.
    """
    started = run_engine_script("start", "--own", "--home", str(home))
    assert started.returncode == 0, started.stderr
    try:
        yield started.stdout.strip().removeprefix("DOCKER_HOST=")
    finally:
        stopped = run_engine_script("stop", "--home", str(home))
        assert stopped.returncode == 0, stopped.stderr


@contextmanager
def podman_service(folder: Path) -> Iterator[str]:
    """Serve podman's socket from storage of its own, and yield its address."""
    storage = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run")]
    place = folder / "podman.sock"
    host = f"unix://{place}"
    with subprocess.Popen(
        [*storage, "system", "service", "--time=0", host], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as service:
        try:
            _await_socket(place)
            yield host
        finally:
            service.terminate()
            service.wait(CLIENT_TIMEOUT_S)
            reset = [*storage, "system", "reset", "--force"]
            subprocess.run(reset, check=False, capture_output=True, timeout=CLIENT_TIMEOUT_S)


def _await_socket(path: Path) -> None:
    give_up_at = time.monotonic() + ANSWERS_WITHIN_S
    while not _takes_connections(path):
        assert time.monotonic() < give_up_at, f"nobody listens on {path}"
        time.sleep(LOOK_EVERY_S)


def _takes_connections(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(path)) == 0
