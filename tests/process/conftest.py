"""Supervisors and cells for tests of real processes; after each test nothing of its cells may be alive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bisectrix.model.words import ContainmentKind
from bisectrix.supervise.supervisor import Supervisor
from support.cells import SECRET, TESTS, Background, Cells


@pytest.fixture(scope="session")
def tests_path() -> Iterator[None]:
    """Let processes started by the tests import what lies in the tests folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(TESTS), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session")
def supervisor(tests_path: None) -> Iterator[Supervisor]:  # noqa: ARG001 - wanted for its effect
    with Supervisor(collect="support.no_evidence:collect", redact=lambda text: text.replace(SECRET, "***")) as running:
        yield running


@pytest.fixture
def cells(supervisor: Supervisor, tmp_path: Path) -> Iterator[Cells]:
    """Run cells, and see afterwards that nothing of them is alive."""
    made = Cells(supervisor, tmp_path)
    yield made
    assert made.alive() == []


@pytest.fixture
def open_supervisor(tests_path: None) -> Iterator[Supervisor]:  # noqa: ARG001 - wanted for its effect
    """Run cells without namespaces, so that they see the processes that hold them."""
    with Supervisor(collect="support.no_evidence:collect", containment=ContainmentKind.SUBREAPER) as running:
        yield running


@pytest.fixture
def open_cells(open_supervisor: Supervisor, tmp_path: Path) -> Iterator[Cells]:
    made = Cells(open_supervisor, tmp_path)
    yield made
    assert made.alive() == []


@pytest.fixture
def background(cells: Cells) -> Iterator[Background]:
    with ThreadPoolExecutor() as pool:
        running = Background(cells, pool)
        yield running
        running.cancel()
