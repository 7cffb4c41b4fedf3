"""An engine and a small image for tests in containers; without an engine they are skipped, unless CI demands one."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from bisectrix.cli.assembly import cache_folder
from bisectrix.containers.engine import Engine
from bisectrix.containers.session import Session
from bisectrix.containers.workshop import Workshop
from bisectrix.environments.interpreters import find_interpreters
from bisectrix.errors import InfraError
from bisectrix.images.archive import Image
from bisectrix.images.debian import RELEASES, debian_recipes
from bisectrix.images.interpreter import InterpreterRecipe
from bisectrix.images.loading import connect, load
from bisectrix.images.shelf import Shelf
from bisectrix.model.environment import Interpreter
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.supervisor import Supervisor
from support.contained import PYTHON, ContainedCells
from support.engines import address_of, can_start_engines, client_of, missing, own_engine, podman_service
from support.harnessed import Harnessed, harnessed, opened


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """Connect to the engine that runs on this machine."""
    try:
        client = connect(os.environ)
    except InfraError as error:
        missing(str(error))
        raise
    yield client
    client.close()


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    """Return the Python that runs the tests."""
    real = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    return next(python for python in find_interpreters(os.environ, cache=cache_folder()) if python.path == real)


@pytest.fixture(scope="session")
def built_image(interpreter: Interpreter) -> Image:
    """Build the image of the Python that runs the tests, unless the cache has it."""
    return Shelf(folder=cache_folder() / "images").image(InterpreterRecipe(interpreter=interpreter))


@pytest.fixture(scope="session")
def image(engine: docker.DockerClient, built_image: Image) -> Image:
    """See to it that the engine has the image of the Python that runs the tests."""
    load(engine, built_image)
    return built_image


@pytest.fixture(scope="session")
def debian_images(engine: docker.DockerClient) -> Mapping[str, Image]:
    """See to it that the engine has an image of each Debian release, by code name; fetches them unless they are built."""
    if not shutil.which("mmdebstrap"):
        missing("mmdebstrap is not installed")
    shelf = Shelf(folder=cache_folder() / "images")
    recipes = debian_recipes(os.environ)
    with ThreadPoolExecutor() as pool:
        images = dict(zip(RELEASES, pool.map(shelf.image, recipes), strict=True))
    for built in images.values():
        load(engine, built)
    return images


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Return a new folder with a short name: sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="bx-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def fragile_engine(short_path: Path, built_image: Image) -> Iterator[docker.DockerClient]:
    """Start an engine that this test alone uses and may break; it has the image."""
    if not can_start_engines():
        missing("only root can start an engine of a test's own, with dockerd installed")
    with own_engine(short_path / "engine") as host, client_of(host) as client:
        load(client, built_image)
        yield client


@pytest.fixture
def podman(short_path: Path, built_image: Image) -> Iterator[docker.DockerClient]:
    """Serve podman's socket for this test; it has the image."""
    if os.geteuid() != 0 or not shutil.which("podman"):
        missing("podman is not installed here, or we are not root")
    with podman_service(short_path) as host, client_of(host) as client:
        load(client, built_image)
        yield client


@pytest.fixture(scope="session")
def session(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Use the engine as a run does."""
    found = Engine.find({"DOCKER_HOST": address_of(engine)})
    assert isinstance(found, Engine)
    cache = tmp_path_factory.mktemp("cache")
    workshop = Workshop(
        uv=Uv.find(IndexSettings.discover(os.environ)), cache=cache, machine=os.uname().machine, site_files={}
    )
    with Session.opened(found, workshop) as opened:
        yield opened
    found.close()


@pytest.fixture(scope="session")
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as running:
        yield running


@pytest.fixture
def contained(session: Session, supervisor: Supervisor, image: Image, tmp_path: Path) -> Iterator[ContainedCells]:
    """Run code in containers, and see afterwards that none is left."""
    cells = ContainedCells(session, supervisor, tmp_path, image.name, PYTHON)
    yield cells
    assert cells.left() == 0


@pytest.fixture(scope="session")
def cell(image: Image, supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harnessed]:
    """Run programs in containers of the image all the way that a cell goes, with an environment that holds nothing."""
    folder = tmp_path_factory.mktemp("cells")
    with opened(os.environ) as containers, harnessed(containers, supervisor, image.name, folder) as ready:
        yield ready
