"""The program, run as a user runs it, in a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import bisectrix
from support.planted import PLANTED

DEADLINE_S = 120

SOURCE = Path(bisectrix.__file__).parents[1]
"""The very code that this pytest imports."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """bisectrix in the folder of a project.

    Attributes:
        home: where its caches are.
        index_url: the only package index it knows.
    """

    project: Path
    home: Path
    index_url: str

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(SOURCE)}
        return subprocess.run(
            [sys.executable, "-m", "bisectrix", *arguments],
            cwd=self.project,
            env={**env, "UV_DEFAULT_INDEX": self.index_url, **variables},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )


def recorded_hang(folder: Path, index_url: str) -> Program:
    """Return the program in a project below `folder`, after it has recorded a cell that hangs and one that passes."""
    for name in ("repros/planted-hang.py", "matrices/hang-releases.toml"):
        (folder / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PLANTED / "project" / name, folder / "project" / name)
    program = Program(project=folder / "project", home=folder / "home", index_url=index_url)
    done = program("run", "planted-hang", "-k", "hang=2.0 or hang=1.0")
    assert done.returncode == 0, done.stderr
    return program
