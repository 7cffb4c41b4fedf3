"""Cells in containers, for tests: each order runs in a fresh one, and none may be left."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from pathlib import Path

from bisectrix.containers.flags import Mount, Wanted
from bisectrix.containers.owner import SESSION
from bisectrix.containers.session import Session
from bisectrix.containers.waiting import gate_command, let_go, open_gate
from bisectrix.model.attempt import Execution
from bisectrix.model.repro import Limits
from bisectrix.model.words import Network
from bisectrix.supervise.instrument import SCRATCH_INSIDE, probe_variables
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor

PYTHON = "/usr/local/bin/python3"
"""Where images of this machine's Pythons have theirs."""


class ContainedCells:
    """Runs Python code in containers of one image."""

    def __init__(self, session: Session, supervisor: Supervisor, folder: Path, image: str, python: str) -> None:
        self.session = session
        self._supervisor = supervisor
        self._folder = folder
        self.image = image
        self.python = python

    def order(self, code: str, *, limits: Limits | None = None, ready: str = "") -> Order:
        """Return an order whose scratch lies on this machine and is seen inside at its usual place."""
        scratch = self._folder / secrets.token_hex(4)
        (scratch / "work").mkdir(parents=True)
        order = Order(
            argv=(self.python, "-c", code),
            env=(),
            cwd=SCRATCH_INSIDE / "work",
            scratch=scratch,
            evidence_dir=scratch / "evidence",
            limits=limits or Limits(startup_s=60, deadline_s=60, quiet_s=1),
            ready=ready,
            inside=SCRATCH_INSIDE,
        )
        return replace(order, env=tuple({"PATH": "/usr/bin:/bin", **probe_variables(order)}.items()))

    def wanted(self, order: Order, mounts: tuple[Mount, ...], network: Network = Network.LOOPBACK) -> Wanted:
        """Return how the container of an order is made."""
        return Wanted(
            image=self.image,
            command=gate_command(self.python),
            user=self.session.user,
            env={},
            mounts=mounts,
            labels=self.session.labels,
            limits=order.limits,
            network=network,
            userns=self.session.userns,
        )

    def run(self, order: Order) -> Execution:
        """Carry an order out in a container of its own."""
        engine = self.session.engine
        waiting = open_gate(engine, self.session.folder, lambda mounts: self.wanted(order, tuple(mounts)))
        try:
            ordered = replace(order, gate=waiting.gate)
            return self._supervisor.run(ordered, on_pulse=lambda _pulse: None, cancelled=threading.Event())
        finally:
            let_go(waiting)
            engine.remove(waiting.container)

    def left(self) -> int:
        """Return how many containers of this session there are."""
        return len(self.session.engine.labelled(f"{SESSION}={self.session.labels[SESSION]}"))
