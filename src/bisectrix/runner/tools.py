"""Everything a run works with, made once by the command and handed down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bisectrix.containers.backend import Containers
from bisectrix.environments.pool import Pool
from bisectrix.model.environment import Interpreter
from bisectrix.project import Project
from bisectrix.record.blobs import Blobs
from bisectrix.record.locks import LockBook
from bisectrix.record.store import Store
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.runner.opening import AxisOpener
from bisectrix.runner.scratch import Scratch
from bisectrix.supervise.supervisor import Supervisor


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """The edges of the program.

    Attributes:
        cancelled: set to end everything that runs.
        now: the clock, in UTC.
        platform: `linux-x86_64`.
        kept: files of repros as they were when they ran; committed, so that a clone can replay.
        current_python: minor version of the Python that runs the harness, what `current` stands for.
    """

    project: Project
    cancelled: threading.Event
    settings: IndexSettings
    uv: Uv
    interpreters: Sequence[Interpreter]
    pool: Pool
    containers: Containers
    supervisor: Supervisor
    store: Store
    blobs: Blobs
    kept: Blobs
    locks: LockBook
    scratch: Scratch
    now: Callable[[], datetime]
    platform: str
    current_python: str

    def opener(self, *, anew: bool) -> AxisOpener:
        """Return what gives open axes their values; `anew` asks the index although an answer is recorded."""
        return AxisOpener(
            interpreters=self.interpreters,
            locks=self.locks,
            settings=self.settings,
            current_python=self.current_python,
            anew=anew,
        )

    def prune(self, max_bytes: int) -> None:
        """Remove environments that were not used for longest: those of this machine and those of images, each down to a size."""
        self.pool.prune(max_bytes)
        self.containers.prune(max_bytes)
