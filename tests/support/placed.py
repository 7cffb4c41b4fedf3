"""A project with one repro and a matrix of platforms, and the program run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPRO = """# /// script
# dependencies = []
#
# [tool.bisectrix]
# title = "It says where it runs"
# matrices = ["places"]
#
# [tool.bisectrix.bug]
# kind = "prints"
# pattern = "in a container"
# ///
import os
print("in a container" if os.path.isdir("/cell") else "on the host")
"""

DEADLINE_S = 180


def write_project(folder: Path, platforms: Sequence[str], axes: str = "", repro: str = REPRO) -> Path:
    """Write it and return its folder."""
    for name in ("repros", "matrices"):
        (folder / name).mkdir(parents=True)
    (folder / "repros/where.py").write_text(repro, encoding="utf-8")
    (folder / "matrices/places.toml").write_text(
        f"[axes]\nplatform = {json.dumps(list(platforms))}\n{axes}", encoding="utf-8"
    )
    return folder


def bisectrix(project: Path, *arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the program in the project, with a cache of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bisectrix", *arguments],
        cwd=project,
        env={**os.environ, "XDG_CACHE_HOME": str(project / "cache"), **environ},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def cells_of(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """Return what `run --json` said of each cell, by platform."""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return {event["coordinates"].get("platform", ""): event for event in events if event["event"] == "cell"}
