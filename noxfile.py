"""Sessions: `nox -l` is the table of contents."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent / "src"))

from bisectrix.nox import register

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["matrix"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
QUICK = "not container and not upstream and not browser and not slow and not endurance"
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile")
"""Most tests wait for processes; those of one file share what they start, so they stay together."""

register(install=("-e", "."))


def _install(session: nox.Session, group: str) -> None:
    session.install("-e", ".", *nox.project.dependency_groups(PYPROJECT, group), silent=True)


@nox.session(reuse_venv=True)
def tests(session: nox.Session) -> None:
    """Run the offline tests; others by marker: nox -s tests -- -m upstream."""
    _install(session, "tests")
    chosen = session.posargs if "-m" in session.posargs else ["-m", QUICK, *TWO_AT_ONCE, *session.posargs]
    session.run("python", "-m", "pytest", *chosen)


@nox.session(reuse_venv=True)
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"), silent=True)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(reuse_venv=True)
def typing(session: nox.Session) -> None:
    """Check types."""
    _install(session, "typing")
    session.run("mypy")


@nox.session(reuse_venv=True)
def bench(session: nox.Session) -> None:
    """Measure the harness against a plain loop over the same processes; hangs: nox -s bench -- hang."""
    session.install("-e", ".", silent=True)
    script, arguments = "scripts/bench.py", session.posargs
    if arguments[:1] == ["hang"]:
        script, arguments = "scripts/bench_hang.py", arguments[1:]
    session.run("python", script, *arguments)
