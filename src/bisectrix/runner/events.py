"""What a run tells whoever watches it; the terminal, plain lines and JSON are three watchers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bisectrix.errors import BisectrixError
from bisectrix.model.attempt import Attempt
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A cell came to its next step: `resolving`, `installing`, `running`, `idle`."""

    cell: Cell
    step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptDone:
    """An attempt ended and is on the disk."""

    cell: Cell
    attempt: Attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class CellDone:
    """A cell has its result; `ran` counts the attempts that were not taken from the record."""

    result: CellResult
    ran: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CellFailed:
    """Our side failed on this cell; it has no result, the others go on."""

    cell: Cell
    error: BisectrixError


Event: TypeAlias = Reached | AttemptDone | CellDone | CellFailed


class Observer(Protocol):
    """Somebody who watches a run; called from many threads at the same time."""

    def __call__(self, event: Event) -> None:
        """Take notice of `event`; must return quickly."""
