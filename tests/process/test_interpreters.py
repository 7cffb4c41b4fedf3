"""Which Pythons are found, with programs that answer as Pythons do, and one real one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bisectrix.environments.interpreters import choose, find_interpreters, usable
from bisectrix.model.environment import Interpreter, Unavailable


class Machine:
    """A home folder and a folder on the PATH, to be filled with programs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.environ = {"HOME": str(self.home), "PATH": f"{self.home}/.pyenv/shims:{root}/bin"}

    def find(self) -> tuple[Interpreter, ...]:
        return find_interpreters(
            self.environ, cache=self.root / "cache", system=(self.root / "usr",), running=self.root / "running"
        )

    def add(self, path: str, version: str, *, implementation: str = "cpython") -> Path:
        """Put a program there that answers like a Python and counts how often it was asked."""
        answer = {"version": version, "implementation": implementation, "platform": "linux-x86_64"}
        return self.program(path, f"echo '{json.dumps(answer)}'")

    def program(self, path: str, script: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho asked >> {self.root}/asked\n{script}\n")
        file.chmod(0o755)
        return file

    @property
    def times_asked(self) -> int:
        asked = self.root / "asked"
        return len(asked.read_text().splitlines()) if asked.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_every_place_is_looked_into_and_the_oldest_comes_first(machine: Machine) -> None:
    machine.add("home/.local/share/uv/python/cpython-3.13.1-x/bin/python3", "3.13.1")
    machine.add("home/.pyenv/versions/3.9.18/bin/python", "3.9.18")
    machine.add("usr/python3.11", "3.11.2")
    machine.add("bin/python3.10", "3.10.0")
    machine.add("running", "3.12.0")
    found = [(python.version, python.source) for python in machine.find()]
    assert found == [
        ("3.9.18", "pyenv"),
        ("3.10.0", "path"),
        ("3.11.2", "system"),
        ("3.12.0", "running"),
        ("3.13.1", "uv"),
    ]


def test_what_does_not_run_or_does_not_answer_is_no_interpreter(machine: Machine) -> None:
    machine.program("usr/python3.8", "exit 127")
    machine.program("usr/python3.9", "echo not json")
    machine.program("usr/python3.10", "echo '[]'")
    machine.program("usr/python3.11", "exit 0").chmod(0o644)
    (machine.root / "usr/python3.12").symlink_to("nowhere")
    machine.add("usr/python3-config", "3.12.1")
    assert machine.find() == ()


def test_a_python_that_is_too_old_for_the_harness_is_not_listed(machine: Machine) -> None:
    machine.add("usr/python3.7", "3.7.16")
    assert machine.find() == ()


def test_pyenvs_shims_are_not_run(machine: Machine) -> None:
    machine.add("home/.pyenv/shims/python3.12", "3.12.1")
    assert machine.find() == ()
    assert machine.times_asked == 0


def test_pyenv_is_found_where_its_variable_says(machine: Machine) -> None:
    machine.add("elsewhere/versions/3.12.1/bin/python", "3.12.1")
    machine.environ["PYENV_ROOT"] = str(machine.root / "elsewhere")
    assert [python.source for python in machine.find()] == ["pyenv"]


def test_one_executable_is_one_interpreter_however_many_names_it_has(machine: Machine) -> None:
    real = machine.add("usr/python3.12", "3.12.1")
    (machine.root / "usr/python3").symlink_to(real)
    machine.add("bin/unrelated", "0")
    (machine.root / "bin/python").symlink_to(real)
    assert [(python.path, python.source) for python in machine.find()] == [(real, "system")]
    assert machine.times_asked == 1


def test_a_virtual_environment_stands_for_what_it_was_made_of(machine: Machine) -> None:
    base = machine.add("opt/bin/python3", "3.12.1")
    machine.add("venv/bin/python", "3.12.1")
    (machine.root / "venv/pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.12.1\n")
    machine.environ["PATH"] += f":{machine.root}/venv/bin"
    assert [python.path for python in machine.find()] == [base]


def test_a_second_look_starts_no_process(machine: Machine) -> None:
    machine.add("usr/python3.12", "3.12.1")
    machine.program("usr/python3.8", "exit 127")
    first = machine.find()
    assert machine.times_asked == 2
    assert machine.find() == first
    assert machine.times_asked == 2


def test_a_python_that_was_replaced_is_asked_again(machine: Machine) -> None:
    machine.add("usr/python3.12", "3.12.1")
    machine.find()
    machine.add("usr/python3.12", "3.12.10")
    assert [python.version for python in machine.find()] == ["3.12.10"]


def test_a_damaged_cache_only_costs_time(machine: Machine) -> None:
    machine.add("usr/python3.12", "3.12.1")
    (machine.root / "cache").mkdir()
    (machine.root / "cache/interpreters-2.json").write_text("[1, 2")
    assert [python.version for python in machine.find()] == ["3.12.1"]


def test_a_real_python_answers(tmp_path: Path) -> None:
    found = find_interpreters({"HOME": str(tmp_path), "PATH": ""}, cache=tmp_path, system=())
    assert [(python.minor, python.source) for python in found] == [(f"3.{sys.version_info.minor}", "running")]


def python(version: str, source: str = "path", implementation: str = "cpython") -> Interpreter:
    path = Path(f"/{source}/{implementation}{version}")
    return Interpreter(path=path, version=version, implementation=implementation, platform="x", source=source)


def test_the_newest_patch_release_of_the_minor_version_is_chosen() -> None:
    pythons = [python("3.12.9"), python("3.12.10"), python("3.11.11"), python("3.1.2")]
    assert choose(pythons, "3.12") == python("3.12.10")
    assert choose(pythons, "3.1") == python("3.1.2")


def test_of_equal_versions_uvs_is_chosen_then_pyenvs_then_the_systems() -> None:
    pythons = [python("3.12.1", source) for source in ("running", "path", "system", "pyenv", "uv")]
    for count in range(5, 0, -1):
        assert choose(pythons[:count], "3.12") == pythons[count - 1]


def test_a_pre_release_is_chosen_only_where_there_is_no_release() -> None:
    assert choose([python("3.14.0"), python("3.14.1rc1")], "3.14") == python("3.14.0")
    assert choose([python("3.14.0b1"), python("3.14.0rc2")], "3.14") == python("3.14.0rc2")


def test_another_implementation_is_never_taken_for_cpython() -> None:
    pypy, threaded = python("3.10.14", implementation="pypy"), python("3.13.1", implementation="cpython+freethreaded")
    refused = choose([pypy, threaded], "3.10")
    assert isinstance(refused, Unavailable)
    assert refused.explanation == "no interpreter 3.10, only pypy 3.10.14"
    assert isinstance(choose([pypy, threaded], "3.13"), Unavailable)


def test_a_missing_minor_version_says_what_installs_it() -> None:
    refused = choose([python("3.11.2")], "3.12")
    assert isinstance(refused, Unavailable)
    assert (refused.reason, refused.explanation, refused.remedy) == (
        "no-interpreter",
        "no interpreter 3.12",
        "uv python install 3.12",
    )


def test_every_python_found_means_releases_of_cpython() -> None:
    ordinary = python("3.12.1")
    assert usable([ordinary, python("3.14.0rc1"), python("3.10.14", implementation="pypy")]) == (ordinary,)
