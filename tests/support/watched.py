"""The same command run plainly and under watch, in like folders with like variables."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bisectrix.model.attempt import Execution
from bisectrix.model.repro import Limits
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainRun:
    """How a command ended without us; `exit_code` is minus the signal's number, None when it had to be ended."""

    exit_code: int | None
    output: str


def variables(folder: Path) -> dict[str, str]:
    """Return the variables of a command that works in `folder`, which is made."""
    (folder / "home").mkdir(parents=True)
    (folder / "tmp").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
    }


def plain_run(argv: tuple[str, ...], folder: Path, *, within_s: float) -> PlainRun:
    """Run a command as anybody would, in a session of its own, which is ended with it."""
    env = variables(folder)
    with (folder / "output").open("w+b") as output:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        exit_code = None
        with suppress(subprocess.TimeoutExpired):
            exit_code = process.wait(within_s)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
        output.seek(0)
        return PlainRun(exit_code=exit_code, output=output.read().decode(errors="replace")[-2000:])


def watched_run(supervisor: Supervisor, argv: tuple[str, ...], folder: Path, limits: Limits) -> Execution:
    """Run a command under watch."""
    order = Order(
        argv=argv,
        env=tuple(variables(folder).items()),
        cwd=folder,
        scratch=folder,
        evidence_dir=folder / "evidence",
        limits=limits,
    )
    return supervisor.run(order, on_pulse=lambda _pulse: None, cancelled=threading.Event())
