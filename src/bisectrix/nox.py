"""The sessions of this project, for any other project's noxfile in two lines.

    from bisectrix.nox import register
    register()

Imports nothing but nox, so that a noxfile can use it straight from a source tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import nox


def repro_names(folder: Path) -> Iterator[str]:
    """Yield the names of the repros below `folder`, sorted."""
    scripts = {file.stem for file in folder.glob("*.py")}
    folders = {file.parent.name for file in folder.glob("*/repro.toml")}
    yield from sorted(scripts | folders)


def _install_once(session: nox.Session, install: Sequence[str]) -> None:
    """Install, unless this environment has just that already."""
    project = Path("pyproject.toml")
    wanted = "\n".join((*install, project.read_text(encoding="utf-8") if project.is_file() else ""))
    stamp = Path(session.virtualenv.location, "bisectrix-installed.txt")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    session.install(*install, silent=True)
    if stamp.parent.is_dir():
        stamp.write_text(wanted, encoding="utf-8")


def register(install: Sequence[str] = ("bisectrix",), *, repros: str = "repros") -> None:
    """Register the sessions of the commands, and one `repro(NAME)` for each repro.

    Args:
        install: what pip would be given to install bisectrix into the sessions' environments.
        repros: folder of the repros, relative to the noxfile.
    """

    def call(session: nox.Session, *arguments: str) -> None:
        _install_once(session, install)
        session.run("bisectrix", *arguments, *session.posargs)

    @nox.session(reuse_venv=True)
    def matrix(session: nox.Session) -> None:
        """Run the quick set, or what is named: nox -s matrix -- NAME -m MATRIX -k EXPR."""
        call(session, "run")

    @nox.session(reuse_venv=True, default=False)
    def bisect(session: nox.Session) -> None:
        """Find where a bug was introduced and fixed: nox -s bisect -- NAME --package PACKAGE."""
        call(session, "bisect")

    @nox.session(reuse_venv=True, default=False)
    def delta(session: nox.Session) -> None:
        """Find the smallest difference: nox -s delta -- NAME --good CELL --bad CELL."""
        call(session, "delta")

    @nox.session(reuse_venv=True, default=False)
    def replay(session: nox.Session) -> None:
        """Run a recorded cell again as it was, and say what differs: nox -s replay -- CELL."""
        call(session, "replay")

    @nox.session(reuse_venv=True, default=False)
    def export(session: nox.Session) -> None:
        """Write a recorded cell as something to hand over: nox -s export -- CELL --as capsule -o FILE."""
        call(session, "export")

    @nox.session(reuse_venv=True)
    def findings(session: nox.Session) -> None:
        """Write results/*.md from what is recorded; with `-- --check` only compare."""
        call(session, "findings")

    names = list(repro_names(Path(repros)))
    if names:

        @nox.session(reuse_venv=True, default=False)
        @nox.parametrize("name", names, ids=names)
        def repro(session: nox.Session, name: str) -> None:
            """Run every matrix of one repro."""
            call(session, "run", name, "--set", "all")
