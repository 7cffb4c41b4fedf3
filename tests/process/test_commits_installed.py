"""Commits as environments, with uv for real and offline: built, told apart, and refused when they do not build."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bisectrix.commits.repository import Repository
from bisectrix.environments.pool import Pool
from bisectrix.errors import InfraError
from bisectrix.matrix.sources import from_sources
from bisectrix.model.environment import Environment, Unavailable
from bisectrix.model.lock import Lock, LockRequest, Resolved, Unbuildable
from bisectrix.model.source import Source
from bisectrix.model.words import Resolution, SkipReason
from bisectrix.resolve.portable import requirements
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from support.pool_maker import HERE
from support.repositories import BROKEN, DYNAMIC, GOOD, PlantedRepository, git_variables, tiny


class Place:
    """A repository, and a uv that has no index."""

    def __init__(self, root: Path) -> None:
        self.planted = PlantedRepository(root / "tiny")
        self.variables = git_variables(root) | {"UV_NO_INDEX": "1", "UV_OFFLINE": "1", "PATH": os.environ["PATH"]}
        self.uv = Uv.find(IndexSettings.discover(self.variables, home=root, prefix=root, system=root))
        self.pool = Pool(root / "pool", self.uv, site_files={})
        self.cache = root / "cache"

    def source(self, revision: str, subdirectory: str = "") -> Source:
        repository = Repository.open(self.planted.folder, self.cache, self.variables)
        return repository.source("tiny", repository.commit(revision), subdirectory)

    def resolve(self, source: Source) -> Resolved:
        released = LockRequest(
            requirements=("tiny>=2",),
            constraints=("tiny==3.0",),
            resolution=Resolution.HIGHEST,
            cutoff="2020-01-01T00:00:00Z",
            cutoff_exempt=(),
            python=HERE.minor,
            platform="linux-x86_64",
        )
        return self.uv.resolve(from_sources(released, (source,)), HERE)

    def lock(self, source: Source) -> Lock:
        lock = self.resolve(source)
        assert isinstance(lock, Lock)
        return lock

    def acts(self, source: Source) -> str:
        with self.pool.hold(self.lock(source), HERE) as environment:
            assert isinstance(environment, Environment)
            command = (str(environment.python), "-c", "import tiny; print(tiny.act())")
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_each_commit_is_an_environment_of_its_own(place: Place) -> None:
    for number in (1, 2):
        place.planted.commit(f"step {number}", tiny(GOOD.format(number=number)))
    first, second = place.source("main~1"), place.source("main")

    assert (place.acts(first), place.acts(second)) == ("1", "2")
    assert place.lock(first).packages == (("tiny", f"1.0+git.{first.commit[:12]}"),)
    assert not requirements(place.lock(first)).hashed


def test_a_commit_that_does_not_build_is_refused_as_such_when_it_is_installed(place: Place) -> None:
    place.planted.commit("breaks the build", tiny(GOOD.format(number=1), backend=BROKEN))

    with place.pool.hold(place.lock(place.source("main")), HERE) as refused:
        assert isinstance(refused, Unavailable)

    assert refused.reason is SkipReason.UNBUILDABLE
    assert "no compiler for this planet" in refused.explanation


def test_a_commit_that_must_be_built_to_learn_its_version_is_refused_when_it_is_resolved(place: Place) -> None:
    place.planted.commit("breaks the build", tiny(GOOD.format(number=1), backend=BROKEN, version=DYNAMIC))

    refused = place.resolve(place.source("main"))

    assert isinstance(refused, Unbuildable)
    assert "no compiler for this planet" in refused.explanation


def test_a_commit_that_is_not_there_is_nobodys_verdict(place: Place) -> None:
    place.planted.commit("the only one", tiny(GOOD.format(number=1)))
    lost = Source(package="tiny", address=place.planted.folder.as_uri(), commit="1" * 40)

    with pytest.raises(InfraError, match="could not resolve"):
        place.resolve(lost)


def test_a_package_may_lie_in_a_folder_of_the_repository(place: Place) -> None:
    files = {f"packages/tiny/{name}": text for name, text in tiny(GOOD.format(number=3)).items()}
    place.planted.commit("one of several", files)

    assert place.acts(place.source("main", "packages/tiny")) == "3"
