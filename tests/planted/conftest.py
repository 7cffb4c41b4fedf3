"""The planted subjects are run by the harness, never by this pytest; the index that has them lives for the session."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from support.index import serving_files
from support.lines import LINES
from support.planted import PLANTED, build, planted_releases, with_dependencies
from support.programs import Program

collect_ignore = ["packages", "project"]


@pytest.fixture(scope="session")
def index_url() -> Iterator[str]:
    """Serve all planted packages, and pytest as it is installed here."""
    lines = (release for line in LINES for release in line.packages())
    with serving_files(
        build(release) for release in (*planted_releases(), *lines, *with_dependencies("pytest"))
    ) as url:
        yield url


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, index_url: str) -> Program:
    """Return the program in a project in which a cell that hangs and one that passes are recorded; leave it as it is."""
    folder = tmp_path_factory.mktemp("recorded")
    for name in ("repros/planted-hang.py", "matrices/hang-releases.toml"):
        (folder / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PLANTED / "project" / name, folder / "project" / name)
    program = Program(project=folder / "project", home=folder / "home", index_url=index_url)
    done = program("run", "planted-hang", "-k", "hang=2.0 or hang=1.0")
    assert done.returncode == 0, done.stderr
    return program
