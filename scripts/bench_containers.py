"""Measure an attempt in a container against the plain engine client doing the same: make, start, wait, remove.

python scripts/bench_containers.py bisectrix/python-3.12 [--rounds 10]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import docker

from bisectrix.cli.assembly import cache_folder
from bisectrix.containers.engine import Engine
from bisectrix.containers.flags import Mount, Wanted, config
from bisectrix.containers.session import Session
from bisectrix.containers.waiting import Waiting, gate_command, let_go, open_gate, probe_mount
from bisectrix.containers.workshop import Workshop
from bisectrix.model.attempt import Exited
from bisectrix.model.environment import Image, Unavailable
from bisectrix.model.repro import Limits
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.instrument import SCRATCH_INSIDE
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor

TARGET = 1.3
TARGET_AHEAD = 0.5


class Bench:
    """One image, one command that does nothing, three ways to run it."""

    def __init__(self, session: Session, supervisor: Supervisor, image: Image, python: str, folder: Path) -> None:
        """Prepare; `folder` is for scratches."""
        self._session = session
        self._supervisor = supervisor
        self._image = image
        self._python = python
        self._folder = folder
        self._count = 0
        self._client = docker.DockerClient(base_url=session.engine.address, version=session.about.api)

    def wanted(self, command: Sequence[str], mounts: Sequence[Mount]) -> Wanted:
        """Return how a container is made: the same for all."""
        return Wanted(
            image=self._image.id,
            command=command,
            user=self._session.user,
            env={},
            mounts=mounts,
            labels=self._session.labels,
            limits=Limits(),
            userns=self._session.userns,
        )

    def plain(self) -> float:
        """Let the engine's client run the command, and return the seconds it took."""
        started = time.perf_counter()
        made = self._client.api.create_container_from_config(  # type: ignore[no-untyped-call]
            config(self.wanted((self._python, "-c", "pass"), (probe_mount(),)))
        )
        self._client.api.start(made["Id"])
        assert self._client.api.wait(made["Id"])["StatusCode"] == 0
        self._client.api.remove_container(made["Id"], force=True)
        return time.perf_counter() - started

    def ours(self) -> float:
        """Make a container now, and run the command in it under watch."""
        started = time.perf_counter()
        waiting = self._open()
        self._run(waiting)
        self._session.engine.remove(waiting.container)
        return time.perf_counter() - started

    def ahead(self) -> float:
        """Run the command in a container that waits already; it is removed behind the back of the next one."""
        waiting = self._open()
        started = time.perf_counter()
        self._run(waiting)
        took = time.perf_counter() - started
        self._session.engine.remove(waiting.container)
        return took

    def _open(self) -> Waiting:
        command = gate_command(self._python)
        return open_gate(self._session.engine, self._session.folder, lambda mounts: self.wanted(command, mounts))

    def _run(self, waiting: Waiting) -> None:
        self._count += 1
        scratch = self._folder / str(self._count)
        (scratch / "work").mkdir(parents=True)
        order = Order(
            argv=(self._python, "-c", "pass"),
            env=(("PATH", "/usr/bin:/bin"),),
            cwd=SCRATCH_INSIDE / "work",
            scratch=scratch,
            evidence_dir=scratch / "evidence",
            limits=Limits(),
            inside=SCRATCH_INSIDE,
        )
        ordered = replace(order, gate=waiting.gate)
        execution = self._supervisor.run(ordered, on_pulse=lambda _: None, cancelled=threading.Event())
        assert execution.ending == Exited(code=0), execution
        let_go(waiting)


def main() -> None:
    """Measure in turns, and print medians and minima in ms with the ratios and their targets."""
    parser = argparse.ArgumentParser(description="Measure attempts in containers against the plain engine client.")
    parser.add_argument("image", help="an image with a Python")
    parser.add_argument("--rounds", type=int, default=10, help="rounds, interleaved [10]")
    options = parser.parse_args()
    engine = Engine.find(os.environ)
    assert isinstance(engine, Engine), engine
    uv = Uv.find(IndexSettings.discover(os.environ))
    workshop = Workshop(uv=uv, cache=cache_folder(), machine=os.uname().machine, site_files={})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bisectrix-bench-")))
        session = stack.enter_context(Session.opened(engine, workshop))
        supervisor = stack.enter_context(Supervisor())
        image = session.image(options.image, {})
        assert isinstance(image, Image), image
        pythons = session.pythons.of(image)
        assert not isinstance(pythons, Unavailable), pythons
        report(Bench(session, supervisor, image, str(pythons[-1].path), folder), options.rounds)


def report(bench: Bench, rounds: int) -> None:
    """Measure and print."""
    ways: dict[str, Callable[[], float]] = {"plain": bench.plain, "ours": bench.ours, "ahead": bench.ahead}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():  # the first ones warm caches
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            took[name].append(way() * 1000)
    base = statistics.median(took["plain"])
    for name, target in (("plain", 1.0), ("ours", TARGET), ("ahead", TARGET_AHEAD)):
        median = statistics.median(took[name])
        print(f"{name:6} median {median:5.0f} ms, min {min(took[name]):5.0f} ms, {median / base:.2f} (target {target})")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
