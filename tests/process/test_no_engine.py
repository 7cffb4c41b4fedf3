"""Without a container engine: cells in images say so, cells on the host go on."""

from __future__ import annotations

from pathlib import Path

from support.placed import REPRO, bisectrix, cells_of, write_project


def test_cells_in_images_are_unavailable_with_the_remedy_and_the_others_run(tmp_path: Path) -> None:
    project = write_project(tmp_path, ["host", "python:3.12-slim"])
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    done = bisectrix(project, "run", "where", "--json", environ=nowhere)
    assert done.returncode == 0, done.stderr
    cells = cells_of(done)
    assert cells["host"]["verdict"] == "good"
    state = cells["python:3.12-slim"]["state"]
    assert state["reason"] == "no-engine"
    assert "no.sock" in state["explanation"]
    assert "DOCKER_HOST" in state["remedy"]


def test_an_engine_on_another_machine_is_no_engine(tmp_path: Path) -> None:
    project = write_project(tmp_path, ["python:3.12-slim"])
    done = bisectrix(project, "run", "where", "--json", environ={"DOCKER_HOST": "tcp://192.0.2.1:2375"})
    assert done.returncode == 0, done.stderr
    assert "on this machine" in cells_of(done)["python:3.12-slim"]["state"]["explanation"]


def test_a_repro_that_is_not_trusted_does_not_fall_back_to_the_machine(tmp_path: Path) -> None:
    untrusted = REPRO.replace("# title", "# trusted = false\n# title")
    project = write_project(tmp_path, [], repro=untrusted)
    (project / "matrices/places.toml").write_text('[axes]\npython = "current"\n', encoding="utf-8")
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    state = cells_of(bisectrix(project, "run", "where", "--json", environ=nowhere))[""]["state"]
    assert state["reason"] == "no-engine"
    assert "an untrusted repro runs in a container" in state["explanation"]
    assert '"host", as platform in the matrix' in state["remedy"]


def test_a_run_that_trusts_no_repro_runs_nothing_on_the_machine(tmp_path: Path) -> None:
    project = write_project(tmp_path, ["host", "python:3.12-slim"])
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    done = bisectrix(project, "run", "where", "--untrusted", "--json", environ=nowhere)
    assert "1 excluded" in done.stderr
    cells = cells_of(done)
    assert list(cells) == ["python:3.12-slim"]
    assert "an untrusted repro runs in a container" in cells["python:3.12-slim"]["state"]["explanation"]


def test_a_repro_that_is_not_trusted_is_unavailable_where_nothing_bounds_its_processes(tmp_path: Path) -> None:
    project = write_project(tmp_path, ["host"], repro=REPRO.replace("# title", "# trusted = false\n# title"))
    done = bisectrix(project, "run", "where", "--json", environ={"BISECTRIX_CONTAINMENT": "subreaper"})
    assert done.returncode == 0, done.stderr
    state = cells_of(done)["host"]["state"]
    assert state["reason"] == "no-engine"
    assert "held by subreaper, the kernel does not bound its processes" in state["explanation"]
    assert "bisectrix doctor" in state["remedy"]
