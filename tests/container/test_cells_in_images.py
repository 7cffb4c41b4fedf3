"""The whole way of a cell in an image: from the matrix to the record, and again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import docker
import pytest

from bisectrix.containers.session import Session
from bisectrix.images.archive import Image
from support.engines import address_of
from support.placed import REPRO, bisectrix, cells_of, write_project

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def environ(
    engine: docker.DockerClient, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """Point the program at the engine and at a cache that knows the machine's Pythons, and spare it the download of uv."""
    cache = tmp_path_factory.mktemp("cache") / "bisectrix"
    cache.mkdir()
    (cache / "tools").symlink_to(session.static_uv.folder().parent)
    return {"DOCKER_HOST": address_of(engine), "XDG_CACHE_HOME": str(cache.parent)}


def test_a_cell_runs_in_its_image_is_recorded_with_its_digest_and_can_be_replayed(
    image: Image, environ: Mapping[str, str], tmp_path: Path
) -> None:
    project = write_project(tmp_path, ["host", image.name])
    done = bisectrix(project, "run", "where", "--json", environ=environ)
    assert done.returncode == 0, done.stderr
    cells = cells_of(done)
    assert cells["host"]["verdict"] == "good"
    inside = cells[image.name]
    assert inside["verdict"] == "bad"
    assert inside["state"]["platform"].endswith(f"in {image.name} ({image.id[7:19]})")
    assert inside["state"]["attempts"][0]["machine"]["image"] == image.id
    again = bisectrix(project, "run", "where", "--json", environ=environ)
    assert {cell["ran"] for cell in cells_of(again).values()} == {0}
    replayed = bisectrix(project, "replay", inside["cell"], environ=environ)
    assert replayed.returncode == 0, replayed.stderr
    assert "same outcome" in replayed.stdout + replayed.stderr


def test_a_python_that_the_image_does_not_have_is_a_reason_with_what_it_has(
    image: Image, environ: Mapping[str, str], tmp_path: Path
) -> None:
    project = write_project(tmp_path, [image.name], axes='python = ["3.2"]\n')
    done = bisectrix(project, "run", "where", "--json", environ=environ)
    state = cells_of(done)[image.name]["state"]
    assert state["reason"] == "no-interpreter"
    assert image.labels["bisectrix.python"] in state["explanation"]


UNTRUSTED = REPRO.replace('title = "It says', 'trusted = false\n# title = "It says')


def test_a_repro_that_is_not_trusted_runs_in_a_container_unless_its_matrix_says_where(
    image: Image, engine: docker.DockerClient, environ: Mapping[str, str], tmp_path: Path
) -> None:
    minor = image.labels["bisectrix.python"].rpartition(".")[0]
    usual = f"python:{minor}-slim"
    engine.images.get(image.name).tag(usual)
    project = write_project(tmp_path, ["host"], repro=UNTRUSTED)
    (project / "matrices/places.toml").write_text(f'[axes]\npython = ["{minor}"]\n', encoding="utf-8")
    try:
        inside = cells_of(bisectrix(project, "run", "where", "--json", environ=environ))[""]
    finally:
        engine.images.remove(usual, noprune=True)
    assert (inside["verdict"], inside["state"]["attempts"][0]["machine"]["image"]) == ("bad", image.id)
    (project / "matrices/places.toml").write_text('[axes]\nplatform = ["host"]\n', encoding="utf-8")
    assert cells_of(bisectrix(project, "run", "where", "--json", environ=environ))["host"]["verdict"] == "good"


HANG = """# /// script
# dependencies = []
#
# [tool.bisectrix]
# title = "It waits for ever"
#
# [tool.bisectrix.bug]
# kind = "hang"
#
# [tool.bisectrix.limits]
# quiet_s = 1
# ///
import threading
def wait_for_ever():
    threading.Event().wait()
wait_for_ever()
"""


def test_a_hang_in_an_image_is_told_with_where_it_waits(
    image: Image, environ: Mapping[str, str], tmp_path: Path
) -> None:
    project = write_project(tmp_path, [image.name], repro=HANG)
    done = bisectrix(project, "run", "where", "-m", "places", "--json", environ=environ)
    cell = cells_of(done)[image.name]
    assert cell["verdict"] == "bad"
    frames = [frame["function"] for frame in cell["state"]["attempts"][0]["chain"]]
    assert "wait_for_ever" in frames


SUITE = """
import threading

def test_passes():
    pass

def test_waits_for_ever():
    threading.Event().wait()

def test_comes_after_it():
    assert "after" == "before"
"""

SUITE_MANIFEST = """
title = "A suite of which one test hangs"
matrices = ["places"]
tests = ["test_suite.py"]
dependencies = ["pytest>=8"]

[bug]
kind = "hang"

[limits]
quiet_s = 1
"""


@pytest.mark.upstream
def test_a_suite_in_an_image_has_an_outcome_for_each_test(
    image: Image, environ: Mapping[str, str], tmp_path: Path
) -> None:
    project = write_project(tmp_path, [image.name])
    folder = project / "repros" / "suite"
    folder.mkdir()
    (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (folder / "repro.toml").write_text(SUITE_MANIFEST, encoding="utf-8")
    done = bisectrix(project, "run", "suite", "--json", environ=environ)
    assert done.returncode == 0, done.stderr
    cell = cells_of(done)[image.name]
    assert cell["verdict"] == "bad", cell
    tests = {test["nodeid"].rpartition("::")[2]: test["outcome"] for test in cell["state"]["attempts"][0]["tests"]}
    assert tests == {"test_passes": "pass", "test_waits_for_ever": "hang", "test_comes_after_it": "fail"}
