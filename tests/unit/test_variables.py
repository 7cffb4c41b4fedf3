"""What a cell sees of the world."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.environments.variables import cell_variables
from bisectrix.model.environment import Environment, Interpreter


@pytest.fixture
def environment() -> Environment:
    python = Interpreter(
        path=Path("/p"), version="3.12.1", implementation="cpython", platform="linux-x86_64", source="uv"
    )
    return Environment(key="k", root=Path("/env"), python=Path("/env/bin/python"), interpreter=python, lock_sha256="0")


def test_nothing_of_the_callers_gets_in(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/outside-world")
    monkeypatch.setenv("SECRET_TOKEN", "outside-world")
    variables = cell_variables(environment, tmp_path, {})
    assert not variables.keys() & {"PYTHONPATH", "SECRET_TOKEN"}
    assert not [value for value in variables.values() if "outside-world" in value]


def test_the_environments_own_programs_come_first(environment: Environment, tmp_path: Path) -> None:
    variables = cell_variables(environment, tmp_path, {})
    assert variables["PATH"].split(":")[:2] == ["/env/bin", "/usr/local/bin"]
    assert variables["VIRTUAL_ENV"] == "/env"


def test_every_folder_that_is_named_exists_below_the_scratch(environment: Environment, tmp_path: Path) -> None:
    variables = cell_variables(environment, tmp_path, {})
    folders = [Path(variables[name]) for name in ("HOME", "TMPDIR", *(n for n in variables if n.startswith("XDG_")))]
    assert len(folders) == 7
    assert all(folder.is_dir() and folder.is_relative_to(tmp_path) for folder in folders)


def test_runs_are_alike_and_the_shared_environment_is_not_written_to(environment: Environment, tmp_path: Path) -> None:
    variables = cell_variables(environment, tmp_path, {})
    assert variables["PYTHONHASHSEED"] == "0"
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"
    assert (variables["TZ"], variables["LANG"]) == ("UTC", "C.UTF-8")


def test_what_the_manifest_says_wins(environment: Environment, tmp_path: Path) -> None:
    assert cell_variables(environment, tmp_path, {"TZ": "Asia/Tokyo", "X": "1"}).items() >= {
        ("TZ", "Asia/Tokyo"),
        ("X", "1"),
    }
