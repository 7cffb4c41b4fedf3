"""The repro run and watched: it ends, it stands still, or its time is up; then all that it started is ended."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

from bisectrix.capsule import proc, stacks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bisectrix.capsule.stacks import Chain

COOKIE = "BISECTRIX_CAPSULE"
LOOK_S = 0.1
ENDED_WITHIN_S = 5.0
MOST_OUTPUT = 1 << 20
PR_SET_PDEATHSIG = 1


class Order:
    """What to run, where, and how long."""

    def __init__(self, argv: list[str], folder: Path, variables: dict[str, str], facts: dict[str, Any]) -> None:
        """Run `argv` in `folder/work`; `facts` has the limits and the ready mark."""
        self.argv, self.folder, self.variables = argv, folder, variables
        self.ready: str = facts["ready"]
        self.startup_s, self.deadline_s, self.quiet_s = (
            float(facts["limits"][name]) for name in ("startup_s", "deadline_s", "quiet_s")
        )


class Seen:
    """What was seen of one run.

    `ending` is `exited`, `signalled`, `blocked` or `overran`; `code` is the exit code, or minus the signal's number.
    """

    def __init__(self, ending: str, code: int, chains: list[Chain], output: str, duration_s: float) -> None:
        """Keep it."""
        self.ending, self.code, self.chains, self.output, self.duration_s = ending, code, chains, output, duration_s


def watch(order: Order) -> Seen:
    """Run the order to its end, and return when nothing of it is alive."""
    cookie = secrets.token_hex(16)
    output = order.folder / "output.txt"
    started = time.monotonic()
    with output.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603  the recorded command
            order.argv,
            cwd=str(order.folder / "work"),
            env=dict(order.variables, **{COOKIE: cookie}),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  a single thread forks here
        )
        try:
            ending = _Watching(order, process, output).until_it_ends()
            chains = stacks.ask(proc.session(process.pid), order.folder) if ending in {"blocked", "overran"} else []
        finally:
            _end(process, cookie)
    text = output.read_bytes()[-MOST_OUTPUT:].decode("utf-8", "replace")
    return Seen(ending, process.returncode, chains, text, time.monotonic() - started)


class _Watching:
    """Looks at the processes again and again; whatever moves restarts the quiet time."""

    def __init__(self, order: Order, process: subprocess.Popen[bytes], output: Path) -> None:
        self.order, self.process, self.output = order, process, output
        self.now = self.moved_at = self.started_at = time.monotonic()
        self.ready_at = None if order.ready else self.started_at
        self.last: object = None

    def until_it_ends(self) -> str:
        while self.process.poll() is None:
            self.now = time.monotonic()
            if self._is_late():
                return "overran"
            if self._is_still():
                return "blocked"
            time.sleep(LOOK_S)
        return "exited" if self.process.returncode >= 0 else "signalled"

    def _is_late(self) -> bool:
        if self.ready_at is None and self._says_ready():
            self.ready_at = self.now
        if self.ready_at is None:
            return self.now - self.started_at > self.order.startup_s
        slack_s = 0.0 if self.order.ready else self.order.startup_s
        return self.now - self.ready_at > self.order.deadline_s + slack_s

    def _says_ready(self) -> bool:
        lines = self.output.read_bytes()[:MOST_OUTPUT].decode("utf-8", "replace").splitlines()
        return self.order.ready in lines

    def _is_still(self) -> bool:
        threads = proc.threads(proc.session(self.process.pid))
        state = (threads, self.output.stat().st_size)
        if state != self.last or any(thread.state != "S" for thread in threads):
            self.last, self.moved_at = state, self.now
        return self.ready_at is not None and self.now - self.moved_at >= self.order.quiet_s


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes], cookie: str) -> None:
    """Kill the process and whatever carries its cookie, until nothing does."""
    give_up = time.monotonic() + ENDED_WITHIN_S
    mark = f"{COOKIE}={cookie}".encode()
    while True:
        alive = proc.with_variable(mark)
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        if process.poll() is None:
            process.kill()
        elif not alive:
            return
        if time.monotonic() > give_up:
            return
        time.sleep(LOOK_S / 10)
