"""Environments with the in-cell probe, and programs that run in them until the test has seen enough."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bisectrix.supervise.instrument import PROBE, PTH_NAME, PTH_TEXT, dump_folder

DEADLINE_S = 60
"""For what takes a moment; longer than any machine is busy."""


def make_environment(
    folder: Path, interpreter: Path | str = sys.executable, *, with_our_packages: bool = False
) -> Path:
    """Make a virtual environment as the harness does, and return its interpreter.

    Args:
        folder: to be made.
        interpreter: what it is made from.
        with_our_packages: what the tests themselves import can be imported there, too: pytest.
    """
    subprocess.run([interpreter, "-m", "venv", "--without-pip", folder], check=True, timeout=DEADLINE_S)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / PTH_NAME).write_text(PTH_TEXT, encoding="utf-8")
    if with_our_packages:
        (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin" / "python"


def probed_variables(scratch: Path) -> dict[str, str]:
    """Return the variables that wake the probe; `probe_variables` gives the same for an order."""
    return {"BISECTRIX_PROBE": str(PROBE), "BISECTRIX_PROBE_DIR": str(dump_folder(scratch))}


@contextmanager
def running(
    scratch: Path, *argv: Path | str, variables: dict[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that prints a line when it is ready; killed at the end."""
    env = {"PATH": os.environ["PATH"], **(probed_variables(scratch) if variables is None else variables)}
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stdin=subprocess.PIPE, cwd=scratch, env=env, pass_fds=pass_fds
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()
