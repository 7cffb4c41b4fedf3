"""Where the attempts of one cell are carried out: beside us, or each in a container of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bisectrix.model.attempt import Execution
from bisectrix.model.environment import Environment
from bisectrix.supervise.instrument import SCRATCH_INSIDE
from bisectrix.supervise.order import Order, Pulse

if TYPE_CHECKING:
    from bisectrix.containers.supply import Supply


class Supervise(Protocol):
    """Carries out one order to its end; `Supervisor.run` with its event bound is the one of the product."""

    def __call__(self, order: Order, *, on_pulse: Callable[[Pulse], None]) -> Execution:
        """Return how it went."""


class Room(Protocol):
    """A made environment with what runs orders in it."""

    @property
    def environment(self) -> Environment:
        """The environment, its paths as the command sees them."""

    @property
    def inside(self) -> Path | None:
        """Where the command finds its scratch; None where it sees what we see."""

    def run(self, order: Order, *, on_pulse: Callable[[Pulse], None]) -> Execution:
        """Carry out one order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnThisMachine:
    """Runs orders beside us."""

    environment: Environment
    supervise: Supervise
    inside: Path | None = None

    def run(self, order: Order, *, on_pulse: Callable[[Pulse], None]) -> Execution:
        """Carry it out."""
        return self.supervise(order, on_pulse=on_pulse)


@dataclass(frozen=True, kw_only=True, slots=True)
class InContainers:
    """Runs each order in a fresh container that waits for it."""

    environment: Environment
    supply: Supply
    supervise: Supervise
    inside: Path | None = SCRATCH_INSIDE

    def run(self, order: Order, *, on_pulse: Callable[[Pulse], None]) -> Execution:
        """Carry it out; the container is removed whatever happens."""
        with self.supply.one() as waiting:
            return self.supervise(replace(order, gate=waiting.gate), on_pulse=on_pulse)


@contextmanager
def in_containers(environment: Environment, supply: Supply, supervise: Supervise) -> Iterator[InContainers]:
    """Yield a room; containers that nobody used are removed when the block ends."""
    with supply:
        yield InContainers(environment=environment, supply=supply, supervise=supervise)
