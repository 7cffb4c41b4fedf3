"""The command line as a user meets it: a case is a file that says what is typed and what comes back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
DEADLINE_S = 300


def run_case(case: dict[str, Any], folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Write the case's files below `folder` and run its arguments there, with `home` for a home."""
    for name, text in case.get("files", {}).items():
        target = folder / "project" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (folder / "project").mkdir(exist_ok=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "COLUMNS": "100", "UV_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "bisectrix", *case["args"]],
        cwd=folder / "project",
        env=env,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def neutral(text: str, folder: Path) -> str:
    """Replace what differs between machines: the folder of the test, and the Python that is current."""
    return re.sub(r"python=3\.\d+", "python=3.X", text.replace(str(folder), "FOLDER"))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_command_prints_and_exits_as_written(file: Path, tmp_path: Path, home: Path) -> None:
    case = tomllib.loads(file.read_text(encoding="utf-8"))

    done = run_case(case, tmp_path, home)

    assert neutral(done.stderr, tmp_path) == case.get("stderr", "")
    assert neutral(done.stdout, tmp_path) == case.get("stdout", "")
    assert done.returncode == case.get("exit_code", 0)
