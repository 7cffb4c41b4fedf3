"""Short helpers of our own in a container: uv, and questions to a Python."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bisectrix.containers.engine import Engine
from bisectrix.containers.flags import Mount, Wanted, config
from bisectrix.errors import InfraError


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A helper that ended, with what it said."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Errands:
    """Runs helpers.

    Attributes:
        wanted: how their containers are made, of an image, a command and mounts.
    """

    engine: Engine
    wanted: Callable[[str, Sequence[str], Sequence[Mount]], Wanted]

    def run(self, image: str, command: Sequence[str], mounts: Sequence[Mount], *, within_s: float) -> Done:
        """Run a helper to its end in a container of its own.

        Raises:
            NoImageError: the image has gone.
            InfraError: it has not ended in time, or the engine refuses.
        """
        wanted = self.wanted(image, command, mounts)
        container = self.engine.create(f"bisectrix-{secrets.token_hex(6)}", config(wanted))
        try:
            self.engine.start(container)
            exit_code = self.engine.wait(container, within_s)
            stdout, stderr = self.engine.said(container)
            return Done(exit_code=exit_code, stdout=stdout, stderr=stderr)
        finally:
            with suppress(InfraError):
                self.engine.remove(container)
