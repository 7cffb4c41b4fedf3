"""The planted index on its own: what is in it, and that uv resolves and installs from it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from uv import find_uv_bin

from support.index import HTML, JSON
from support.lines import LINES
from support.planted import Form, build, planted_releases

DEADLINE_S = 60

Uv = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def uv(tmp_path: Path, index_url: str) -> Uv:
    """Return a function that runs uv on a new environment and knows only the planted index."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_DEFAULT_INDEX": index_url,
        "UV_NO_CONFIG": "1",
        "VIRTUAL_ENV": str(tmp_path / "environment"),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [find_uv_bin(), *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=DEADLINE_S, check=False)

    created = run("venv", "--python", sys.executable, env["VIRTUAL_ENV"])
    assert created.returncode == 0, created.stderr
    return run


def installed_versions(uv: Uv) -> set[str]:
    return set(uv("pip", "freeze").stdout.split())


def test_files_are_the_same_every_time() -> None:
    assert [build(release).sha256 for release in planted_releases()] == [
        build(release).sha256 for release in planted_releases()
    ]


def test_every_form_of_a_release_is_planted() -> None:
    lines = (release for line in LINES for release in line.packages())

    assert {release.form for release in (*planted_releases(), *lines)} == set(Form)


@pytest.mark.parametrize(("accept", "expected"), [(JSON, JSON), ("*/*", HTML)])
def test_the_index_speaks_json_and_html(index_url: str, accept: str, expected: str) -> None:
    page = requests.get(f"{index_url}culprit/", headers={"Accept": accept}, timeout=DEADLINE_S)

    assert page.headers["Content-Type"] == expected
    assert page.text.count("culprit-3.1.0-py3-none-any.whl") >= 1
    assert "broken in another way" in page.text


def test_an_unknown_project_is_not_found(index_url: str) -> None:
    assert requests.get(f"{index_url}nothing/", timeout=DEADLINE_S).status_code == 404


def test_the_newest_release_that_fits_is_installed_with_its_co_mover(uv: Uv) -> None:
    uv("pip", "install", "culprit")

    assert installed_versions(uv) == {"culprit==4.0.0", "friend==2.0.0"}


def test_a_cutoff_hides_later_uploads(uv: Uv) -> None:
    uv("pip", "install", "--exclude-newer", "2024-02-15T00:00:00Z", "culprit")

    assert installed_versions(uv) == {"culprit==1.1.0", "friend==1.0.0"}


def test_a_source_release_builds_without_any_other_package(uv: Uv) -> None:
    uv("pip", "install", "no-wheel==5.0")

    assert installed_versions(uv) == {"no-wheel==5.0"}


@pytest.mark.parametrize(
    ("requirement", "complaint"),
    [
        ("culprit==5.0.0", "Python>=3.99"),
        ("unsatisfiable==2.0", "friend>=99"),
        ("no-wheel==2.0", "win_arm64"),
        ("no-wheel==3.0", "no compiler for this planet"),
        ("no-wheel==4.0", "no compiler for this planet"),
    ],
)
def test_what_cannot_be_installed_says_why(uv: Uv, requirement: str, complaint: str) -> None:
    done = uv("pip", "install", requirement)

    assert done.returncode != 0
    assert complaint in done.stderr


def test_pytest_itself_can_be_installed_from_it(uv: Uv) -> None:
    done = uv("pip", "install", "pytest")

    assert done.returncode == 0, done.stderr
    assert f"pytest=={pytest.__version__}" in installed_versions(uv)


def test_a_flaky_package_fails_in_an_order_that_is_always_the_same(uv: Uv, tmp_path: Path) -> None:
    uv("pip", "install", "flaky==0.3")
    python = str(tmp_path / "environment" / "bin" / "python")

    def attempts(tosses: Path) -> list[int]:
        command, env = [python, "-c", "import flaky; flaky.act()"], {"FLAKY_TOSSES": str(tosses)}
        return [subprocess.run(command, env=env, capture_output=True, check=False).returncode for _ in range(8)]

    first = attempts(tmp_path / "first")
    assert set(first) == {0, 1}
    assert attempts(tmp_path / "second") == first
