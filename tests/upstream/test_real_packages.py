"""Resolving and installing what people really use, from the package index, on every Python found."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bisectrix.environments.integrity import edited_files
from bisectrix.environments.interpreters import find_interpreters, usable
from bisectrix.environments.pool import Pool
from bisectrix.model.environment import Environment
from bisectrix.model.lock import Lock, LockRequest, Unbuildable, Unsatisfiable
from bisectrix.model.words import Resolution
from bisectrix.resolve.releases import all_releases, releases
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv

pytestmark = pytest.mark.upstream

SETTINGS = IndexSettings.discover(os.environ)
CUTOFF = "2024-06-01T00:00:00Z"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def request_for(python: str, *requirements: str, resolution: Resolution = Resolution.HIGHEST) -> LockRequest:
    return LockRequest(
        requirements=requirements,
        constraints=(),
        resolution=resolution,
        cutoff=CUTOFF,
        cutoff_exempt=(),
        python=python,
        platform="linux-x86_64",
    )


def test_the_same_packages_are_found_resolved_and_installed_on_every_python(cache: Path) -> None:
    uv = Uv.find(SETTINGS)
    pool = Pool(cache / "environments", uv, site_files={})
    interpreters = usable(find_interpreters(os.environ, cache=cache))
    assert interpreters
    for interpreter in interpreters:
        lock = uv.resolve(request_for(interpreter.minor, "httpx>=0.27", "vcrpy>=4.4"), interpreter)
        assert isinstance(lock, Lock)
        assert "://" not in lock.text
        with pool.hold(lock, interpreter) as environment:
            assert isinstance(environment, Environment)
            assert edited_files(environment) == ()
            code = "import sys, httpx, vcr; print('%d.%d' % sys.version_info[:2])"
            done = subprocess.run([environment.python, "-c", code], check=True, capture_output=True, text=True, env={})
            assert done.stdout.strip() == interpreter.minor


def test_releases_of_a_real_project_are_in_order() -> None:
    found = releases("vcrpy", ">=6,<9", SETTINGS)
    assert found[:4] == ("6.0.0", "6.0.1", "6.0.2", "7.0.0")
    assert found == tuple(str(r.version) for r in all_releases("vcrpy", SETTINGS) if str(r.version) in found)


def test_refusals_of_the_real_index_are_told_apart(cache: Path) -> None:
    uv = Uv.find(SETTINGS)
    interpreter = usable(find_interpreters(os.environ, cache=cache))[-1]
    refused = uv.resolve(request_for(interpreter.minor, "httpx>1"), interpreter)
    assert isinstance(refused, Unsatisfiable)
    ancient = request_for(interpreter.minor, "idna", resolution=Resolution.LOWEST)
    assert isinstance(uv.resolve(ancient, interpreter), Unbuildable)
