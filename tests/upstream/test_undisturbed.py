"""Suites of others come to the same under watch as without it: nothing is claimed to hang, and nothing is disturbed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bisectrix.environments.interpreters import choose, find_interpreters
from bisectrix.model.attempt import Blocked, Ending, Exited, Overran
from bisectrix.model.environment import Interpreter
from bisectrix.model.repro import Limits
from bisectrix.supervise.supervisor import Supervisor
from support.watched import PlainRun, plain_run, watched_run

SUITES = tomllib.loads((Path(__file__).parent / "undisturbed.toml").read_text(encoding="utf-8"))

LIMITS = Limits(startup_s=60, deadline_s=600, quiet_s=60, processes=1000, memory_mib=8192, output_mib=64)
"""Some of these tests wait for many seconds on purpose, or have a thread that polls; a proof needs no patience."""

AT_ONCE = 3
TRIES = 3
"""A test that comes to this or that by itself is no disturbance: in one of so many rounds both must agree."""

A_FEW = ("test_asyncio.test_locks", "test_queue", "test_threadsignals", "test_poll")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One module of a suite on one Python."""

    argv: tuple[str, ...]

    @property
    def name(self) -> str:
        return " ".join((Path(self.argv[0]).name, *self.argv[1:]))


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as running:
        yield running


def cpython_slices(cache: Path, wanted: Sequence[str] = ()) -> list[Slice]:
    suite = SUITES["cpython"]
    found = find_interpreters(os.environ, cache=cache)
    pythons = [each for minor in suite["pythons"] if isinstance(each := choose(found, minor), Interpreter)]
    return [
        Slice(argv=(str(python.path), *suite["command"], module))
        for python in pythons
        for module in suite["modules"].split()
        if (not wanted or module in wanted) and _has(str(python.path), f"test.{module}")
    ]


def _has(python: str, module: str) -> bool:
    code = f"import importlib.util as u, sys; sys.exit(not u.find_spec({module!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0


def package_slices(suite: Mapping[str, Any], folder: Path) -> list[Slice]:
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", folder], check=True, timeout=300)
    install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, *suite["requirements"]]
    subprocess.run(install, check=True, timeout=300)
    (site,) = folder.glob("lib/python*/site-packages")
    modules = [
        f"{package}.{file.stem}"
        for package in suite["package"].split()
        for file in sorted(site.joinpath(*package.split(".")).glob(suite["pattern"]))
    ]
    return [Slice(argv=(str(python), *suite["command"], module)) for module in modules]


def disturbed(supervisor: Supervisor, slices: Sequence[Slice], folder: Path) -> list[str]:
    """Run each plainly and under watch, and tell where both never came to the same."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        numbered = [(each, folder / str(number)) for number, each in enumerate(slices)]
        return [text for text in pool.map(lambda pair: _disturbance(supervisor, *pair), numbered) if text]


def _disturbance(supervisor: Supervisor, each: Slice, folder: Path) -> str:
    seen: list[tuple[PlainRun, Ending]] = []
    for number in range(TRIES):
        plain = plain_run(each.argv, folder / f"plain-{number}", within_s=LIMITS.deadline_s)
        watched = watched_run(supervisor, each.argv, folder / f"watched-{number}", LIMITS)
        if _agree(plain, watched.ending):
            return ""
        seen.append((plain, watched.ending))
        if not isinstance(watched.ending, Exited):
            break
    return f"{each.name}: {seen}"


def _agree(plain: PlainRun, ending: Ending) -> bool:
    """Say whether both ended alike; a plain run that had to be ended does hang, or takes longer than it may."""
    if isinstance(ending, Exited):
        return ending.code == plain.exit_code
    return plain.exit_code is None and isinstance(ending, Blocked | Overran)


@pytest.mark.slow
def test_a_few_modules_of_the_standard_library_are_undisturbed(supervisor: Supervisor, tmp_path: Path) -> None:
    slices = cpython_slices(tmp_path / "cache", A_FEW)
    assert disturbed(supervisor, slices, tmp_path) == []


@pytest.mark.endurance
def test_the_standard_library_is_undisturbed(supervisor: Supervisor, tmp_path: Path) -> None:
    slices = cpython_slices(tmp_path / "cache")
    assert disturbed(supervisor, slices, tmp_path) == []


@pytest.mark.upstream
@pytest.mark.endurance
@pytest.mark.parametrize("name", ["tornado", "trio"])
def test_the_suite_of_a_package_is_undisturbed(supervisor: Supervisor, tmp_path: Path, name: str) -> None:
    slices = package_slices(SUITES[name], tmp_path / "environment")
    assert len(slices) > 10
    assert disturbed(supervisor, slices, tmp_path) == []
