"""Programs started where nothing but their own machine can be reached."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

DEADLINE_S = 120
NAMESPACE = ("unshare", "--net", "--map-root-user")


@cache
def namespace() -> tuple[str, ...]:
    """Return the command that starts another one without network; empty where this machine does not let us."""
    if shutil.which("unshare") is None:
        return ()
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    return NAMESPACE if tried.returncode == 0 else ()


def networkless(argv: Sequence[str]) -> tuple[str, ...]:
    """Return a command that runs `argv` with the loopback interface alone, where that is possible."""
    if not namespace():
        return tuple(argv)
    return (*namespace(), "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh", *argv)


def run_networkless(
    argv: Sequence[str | Path], folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its home and temporary files are below `folder`."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "tmp"), **(variables or {})}
    return subprocess.run(
        networkless([str(word) for word in argv]),
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
