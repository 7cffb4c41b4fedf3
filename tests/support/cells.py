"""Cells for tests of real processes: each is marked, so that a test can tell whether any of it is alive."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from bisectrix.model.attempt import Execution
from bisectrix.model.repro import Limits
from bisectrix.supervise import proc
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.supervisor import Supervisor

TESTS = Path(__file__).parents[1]
SECRET = "correct-horse-battery"  # noqa: S105 - what the tests look for in outputs


class Cells:
    """Makes orders in a folder of the test's own and runs them."""

    def __init__(self, supervisor: Supervisor, folder: Path, *, python: str = sys.executable) -> None:
        self._supervisor = supervisor
        self._folder = folder
        self._python = python
        self._count = 0
        self.mark = f"CELL_MARK={secrets.token_hex(8)}"

    def order(
        self,
        code: str = "",
        *,
        argv: tuple[str, ...] = (),
        ready: str = "",
        events: bool = False,
        limits: Limits | None = None,
    ) -> Order:
        """Return an order for Python code, or for any other command."""
        self._count += 1
        scratch = self._folder / str(self._count)
        scratch.mkdir()
        return Order(
            argv=argv or (self._python, "-S", "-E", "-c", code),
            env=(("PATH", os.environ["PATH"]), ("CELL_MARK", self.mark.partition("=")[2])),
            cwd=scratch,
            scratch=scratch,
            evidence_dir=scratch / "evidence",
            limits=limits or Limits(startup_s=60, deadline_s=60, quiet_s=1),
            ready=ready,
            events=scratch / "events.jsonl" if events else None,
        )

    def run(
        self,
        order: Order,
        *,
        on_pulse: Callable[[Pulse], None] = lambda _pulse: None,
        cancelled: threading.Event | None = None,
    ) -> Execution:
        return self._supervisor.run(order, on_pulse=on_pulse, cancelled=cancelled or threading.Event())

    def alive(self) -> list[str]:
        """Return the command lines of processes that bear the mark or work in the test's folder."""
        pids = [int(name) for name in proc.names("/proc") if name.isdigit() and int(name) != os.getpid()]
        return [proc.command_line(pid) for pid in pids if self._is_ours(pid) and proc.lives(pid)]

    @staticmethod
    def main_pid(order: Order) -> int:
        """Return the pid of an order's command as this side of its namespaces sees it."""
        command = b"\0".join(os.fsencode(argument) for argument in order.argv)
        for pid in (int(name) for name in proc.names("/proc") if name.isdigit()):
            if (
                proc.read(f"/proc/{pid}/cmdline").rstrip(b"\0") == command
                and Path(proc.link(f"/proc/{pid}/cwd")) == order.cwd
            ):
                return pid
        raise LookupError(order.argv)

    def _is_ours(self, pid: int) -> bool:
        marked = self.mark.encode() in proc.read(f"/proc/{pid}/environ").split(b"\0")
        return marked or proc.link(f"/proc/{pid}/cwd").startswith(str(self._folder))


class Background:
    """Runs cells in threads; the test decides with `ready` when it goes on."""

    def __init__(self, cells: Cells, pool: ThreadPoolExecutor) -> None:
        self._cells = cells
        self._pool = pool
        self._cancelled: list[threading.Event] = []

    def cancel(self) -> None:
        """End what still runs, so that a test that fails ends at once."""
        for event in self._cancelled:
            event.set()

    def start(self, order: Order, cancelled: threading.Event | None = None) -> Future[Execution]:
        """Start a cell and return once it has printed its ready mark."""
        ready = threading.Event()
        self._cancelled.append(cancelled or threading.Event())

        def on_pulse(pulse: Pulse) -> None:
            if pulse is Pulse.READY:
                ready.set()

        running = self._pool.submit(self._cells.run, order, on_pulse=on_pulse, cancelled=self._cancelled[-1])
        running.add_done_callback(lambda _: ready.set())
        assert ready.wait(60)
        return running
