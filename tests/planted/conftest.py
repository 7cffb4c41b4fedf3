"""The planted subjects are run by the harness, never by this pytest; the index that has them lives for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.index import serving_files
from support.lines import LINES
from support.planted import build, planted_releases, with_dependencies
from support.programs import Program, recorded_hang

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
    return recorded_hang(tmp_path_factory.mktemp("recorded"), index_url)
