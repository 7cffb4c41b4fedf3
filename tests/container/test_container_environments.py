"""Environments made in an image: offline, equal byte for byte, shared, and refused for what comes as source."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from bisectrix.containers.building import venv_inside
from bisectrix.containers.engine import Engine
from bisectrix.containers.session import Session
from bisectrix.containers.workshop import Workshop
from bisectrix.images.archive import Image
from bisectrix.model.environment import Environment, Interpreter, Unavailable
from bisectrix.model.environment import Image as CellImage
from bisectrix.model.lock import Lock
from bisectrix.model.words import SkipReason
from bisectrix.resolve.portable import read_lock
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from support.engines import address_of
from support.wheels import write_wheel

pytestmark = pytest.mark.container

SPY = "import os; open('/pool/spied', 'w') if os.path.isdir('/pool') else None\n"


@contextmanager
def session_with(engine: docker.DockerClient, wheels: Path, cache: Path, tools: Path) -> Iterator[Session]:
    """Use the engine with a folder of wheels in place of an index, and caches of its own."""
    found = Engine.find({"DOCKER_HOST": address_of(engine)})
    assert isinstance(found, Engine)
    cache.mkdir()
    (cache / "tools").symlink_to(tools)
    settings = IndexSettings(no_index=True, find_links=(str(wheels),))
    workshop = Workshop(
        uv=Uv.find(settings), cache=cache, machine=os.uname().machine, site_files={"probe.pth": "import sys\n"}
    )
    with Session.opened(found, workshop) as session:
        yield session
    found.close()


@pytest.fixture
def tools(session: Session) -> Path:
    """Have a static uv."""
    return session.static_uv.folder().parent


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    write_wheel(
        folder, "good", "1.0", files={"good/__init__.py": "X = {'b', 'a'}\n", "good/more.py": "def f(): 'doc'\n"}
    )
    write_wheel(folder, "spy", "1.0", files={"spy.py": SPY, "spy.pth": SPY})
    return folder


def lock_of(wheels: Path, *names: str) -> Lock:
    """Return a lock of wheels in a folder."""
    text = 'lock-version = "1.0"\ncreated-by = "tests"\n'
    for name in names:
        file = wheels / f"{name}-1.0-py3-none-any.whl"
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "0" * 64
        text += f'\n[[packages]]\nname = "{name}"\nversion = "1.0"\n'
        if file.exists():
            text += f'wheels = [{{path = "{file.name}", hashes = {{sha256 = "{digest}"}}}}]\n'
        else:
            text += f'sdist = {{path = "{name}-1.0.tar.gz", hashes = {{sha256 = "{digest}"}}}}\n'
    return read_lock(text, resolver="none")


def python_of(session: Session, image: CellImage) -> Interpreter:
    pythons = session.pythons.of(image)
    assert isinstance(pythons, tuple)
    return pythons[0]


def contents(folder: Path) -> dict[str, str]:
    """Return a digest of each file, and where each link points."""
    return {
        str(path.relative_to(folder)): os.readlink(path)  # noqa: PTH115
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def built(engine: docker.DockerClient, wheels: Path, cache: Path, tools: Path, image: Image) -> dict[str, str]:
    with session_with(engine, wheels, cache, tools) as session:
        place = CellImage(reference=image.name, id=image.id)
        python = python_of(session, place)
        with session.hold(place, lock_of(wheels, "good", "spy"), python, install_s=120) as environment:
            assert isinstance(environment, Environment), environment
            assert str(environment.python) == f"{venv_inside(environment.key)}/bin/python"
            assert not (session.workshop.pool / "spied").exists()
            return contents(session.workshop.pool / environment.key / "venv")


def test_two_builds_of_an_environment_are_equal_byte_for_byte_and_run_no_code_of_packages(
    engine: docker.DockerClient, image: Image, tools: Path, wheels: Path, tmp_path: Path
) -> None:
    first, second = (built(engine, wheels, tmp_path / name, tools, image) for name in ("first", "second"))
    assert first == second
    compiled = [name for name in first if "good/__pycache__" in name]
    assert len(compiled) == 2


def test_what_nobody_uses_is_removed_with_the_wheels_it_was_linked_with_and_made_again(
    engine: docker.DockerClient, image: Image, tools: Path, wheels: Path, tmp_path: Path
) -> None:
    with session_with(engine, wheels, tmp_path / "cache", tools) as session:
        place = CellImage(reference=image.name, id=image.id)
        python, lock, pool = python_of(session, place), lock_of(wheels, "good"), session.workshop.pool
        with session.hold(place, lock, python, install_s=120):
            assert session.workshop.prune(0) == 0
        assert len(list(pool.rglob("good/more.py"))) == 2
        assert session.workshop.prune(0) > 0
        assert not list(pool.rglob("good/more.py"))
        with session.hold(place, lock, python, install_s=120) as environment:
            assert isinstance(environment, Environment), environment


def test_what_comes_as_source_is_unbuildable(
    engine: docker.DockerClient, image: Image, tools: Path, wheels: Path, tmp_path: Path
) -> None:
    with session_with(engine, wheels, tmp_path / "cache", tools) as session:
        place = CellImage(reference=image.name, id=image.id)
        lock = lock_of(wheels, "good", "onlysource")
        with session.hold(place, lock, python_of(session, place), install_s=120) as refused:
            assert isinstance(refused, Unavailable)
            assert refused.reason is SkipReason.UNBUILDABLE
            assert "onlysource" in refused.explanation
