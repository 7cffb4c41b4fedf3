"""Git repositories of a tiny package that is built without network: its build backend lies in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny"
{version}
"""
STATIC = 'version = "1.0"'
DYNAMIC = 'dynamic = ["version"]'

BACKEND = """\
import pathlib, zipfile

INFO = {
    "METADATA": "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n",
    "WHEEL": "Wheel-Version: 1.0\\nGenerator: planted\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "RECORD": "",
}

def build_wheel(folder, *_):
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.write("tiny.py")
        for file, text in INFO.items():
            wheel.writestr(f"tiny-1.0.dist-info/{file}", text)
    return name
"""
BROKEN = 'raise RuntimeError("no compiler for this planet")\n'

GOOD = "def act():\n    return {number}\n"
BAD = 'def act():\n    raise RuntimeError("the planted bug {number}")\n'


def git_variables(home: Path) -> dict[str, str]:
    """Return an environment in which git is nobody's."""
    person = {f"GIT_{role}_{what}": "planted" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **person}


class PlantedRepository:
    """A repository to plant commits in; each is a minute after the one before."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._minutes = 0
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        date = f"{1_700_000_000 + 60 * self._minutes} +0000"
        return subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.folder,
            env={**git_variables(self.folder.parent), "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def commit(self, subject: str, files: Mapping[str, str] | None = None, tag: str = "") -> str:
        """Commit everything and return the hash."""
        self._minutes += 1
        self.write(files or {"log.txt": subject})
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", subject)
        if tag:
            self.git("tag", tag)
        return self.head

    def merge(self, branch: str, subject: str) -> str:
        self._minutes += 1
        self.git("merge", "--quiet", "--no-ff", "-m", subject, branch)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def tiny(code: str, *, version: str = STATIC, backend: str = BACKEND) -> dict[str, str]:
    """Return the files of the package."""
    return {"pyproject.toml": PYPROJECT.format(version=version), "backend.py": backend, "tiny.py": code}


class History:
    """Twelve commits, numbered from 1, of which number 5 does not build."""

    def __init__(self, folder: Path, *, bad: Collection[int]) -> None:
        """Plant them; those in `bad` show the bug."""
        self.repository = PlantedRepository(folder)
        self.commits = {number: self._plant(number, BAD if number in bad else GOOD) for number in range(1, 13)}

    def _plant(self, number: int, code: str) -> str:
        backend = BROKEN if number == 5 else BACKEND
        return self.repository.commit(f"step {number}", tiny(code.format(number=number), backend=backend))

    def check_out(self, number: int) -> None:
        self.repository.git("checkout", "--quiet", "--detach", self.commits[number])
