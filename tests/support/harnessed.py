"""Programs in containers, started and watched exactly as the harness starts and watches a cell."""

from __future__ import annotations

import os
import platform
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bisectrix.cli.assembly import cache_folder
from bisectrix.containers.backend import Containers
from bisectrix.containers.workshop import Workshop
from bisectrix.environments.variables import cell_variables
from bisectrix.model.attempt import Execution
from bisectrix.model.environment import Environment, Image, Unavailable
from bisectrix.model.lock import Lock
from bisectrix.model.repro import Bug, Limits, Repro
from bisectrix.model.words import BugKind, Network
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.runner.room import in_containers
from bisectrix.supervise.instrument import PTH_NAME, PTH_TEXT, SCRATCH_INSIDE, probe_variables
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.supervisor import Supervisor

NO_PACKAGES = 'lock-version = "1.0"\ncreated-by = "tests"\npackages = []\n'
LOCK = Lock(text=NO_PACKAGES, sha256="0" * 64, packages=(), resolver="tests")
INSTALL_S = 300.0
PATIENT = Limits(startup_s=60, deadline_s=60, quiet_s=5)


def opened(environ: Mapping[str, str], cache: Path | None = None) -> Containers:
    """Return the containers of an engine, as the harness opens them."""
    cache = cache or cache_folder()
    uv = Uv.find(IndexSettings.discover(os.environ), threading.Event())
    site_files = {PTH_NAME: PTH_TEXT}
    return Containers(environ, Workshop(uv=uv, cache=cache, machine=platform.machine(), site_files=site_files))


@dataclass(frozen=True, kw_only=True, slots=True)
class Harnessed:
    """A Python in an image, with nothing installed, in which programs are run, each in a container of its own."""

    containers: Containers
    supervisor: Supervisor
    image: Image
    environment: Environment
    folder: Path

    def run(
        self,
        program: str,
        *files: Path,
        limits: Limits = PATIENT,
        network: Network = Network.LOOPBACK,
        env: Sequence[tuple[str, str]] = (),
        ready: str = "",
        on_pulse: Callable[[Pulse], None] = lambda _pulse: None,
    ) -> Execution:
        """Run the text of a program beside `files`, and return how it went; its folder is new each time."""
        scratch = self.folder / secrets.token_hex(4)
        (scratch / "work").mkdir(parents=True)
        (scratch / "work" / "program.py").write_text(program)
        for file in files:
            (scratch / "work" / file.name).write_bytes(file.read_bytes())
        order = Order(
            argv=(str(self.environment.python), "program.py"),
            env=(),
            cwd=SCRATCH_INSIDE / "work",
            scratch=scratch,
            evidence_dir=scratch / "evidence",
            limits=limits,
            ready=ready,
            inside=SCRATCH_INSIDE,
        )
        extra = {**dict(env), **probe_variables(order)}
        variables = cell_variables(self.environment, scratch, extra, inside=SCRATCH_INSIDE)
        return self._carry_out(replace(order, env=tuple(variables.items())), limits, network, on_pulse)

    def _carry_out(
        self, order: Order, limits: Limits, network: Network, on_pulse: Callable[[Pulse], None]
    ) -> Execution:
        repro = Repro(
            name="tests", path=self.folder, title="", bug=Bug(kind=BugKind.HANG), limits=limits, network=network
        )
        never = threading.Event()

        def supervise(order: Order, *, on_pulse: Callable[[Pulse], None]) -> Execution:
            return self.supervisor.run(order, on_pulse=on_pulse, cancelled=never)

        supply = self.containers.supply(self.image, self.environment, repro, orders=1)
        with in_containers(self.environment, supply, supervise) as room:
            return room.run(order, on_pulse=on_pulse)


@contextmanager
def harnessed(containers: Containers, supervisor: Supervisor, reference: str, folder: Path) -> Iterator[Harnessed]:
    """Prepare the newest Python of an image, and hold it until the block ends."""
    image = containers.image(reference, {})
    assert not isinstance(image, Unavailable), image.explanation
    pythons = containers.interpreters(image)
    assert not isinstance(pythons, Unavailable), pythons.explanation
    with containers.hold(image, LOCK, pythons[-1], install_s=INSTALL_S) as environment:
        assert not isinstance(environment, Unavailable), environment.explanation
        yield Harnessed(
            containers=containers, supervisor=supervisor, image=image, environment=environment, folder=folder
        )
