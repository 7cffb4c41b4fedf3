"""Where it waits or fails: equal signatures are one bug, told once with the chain that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bisectrix.model.attempt import Attempt, Blocked, Signature
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult
from bisectrix.model.words import Verdict
from bisectrix.report.markdown import Markdown, block
from bisectrix.report.words import chain_block


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One signature and all that showed it.

    Attributes:
        cells: in their natural order.
        attempts: of those cells, in the same order.
    """

    signature: Signature
    cells: tuple[Cell, ...]
    attempts: tuple[Attempt, ...]

    @property
    def is_bug(self) -> bool:
        """Say whether any attempt counts as the declared bug."""
        return any(attempt.verdict is Verdict.BAD for attempt in self.attempts)

    @property
    def grades(self) -> str:
        """How sure the hang is, `proved, stalled`; empty where it is none."""
        grades = {str(one.ending.grade) for one in self.attempts if isinstance(one.ending, Blocked)}
        return ", ".join(sorted(grades))

    @property
    def chain(self) -> Markdown:
        """The shortest useful chain of an attempt that has one, else the frames of the signature."""
        frames = next((attempt.chain for attempt in self.attempts if attempt.chain), ())
        if frames:
            return chain_block(frames)
        return block(self.signature.frames) if self.signature.frames else Markdown("")


def sightings(results: Iterable[CellResult]) -> tuple[Sighting, ...]:
    """Return the signatures seen, those of the declared bug first, then those seen in most cells."""
    seen: dict[Signature, list[tuple[Cell, Attempt]]] = {}
    for cell, attempt in _failures(results):
        if attempt.signature is not None:
            seen.setdefault(attempt.signature, []).append((cell, attempt))
    found = (
        Sighting(
            signature=signature,
            cells=tuple(dict.fromkeys(cell for cell, _ in pairs)),
            attempts=tuple(attempt for _, attempt in pairs),
        )
        for signature, pairs in seen.items()
    )
    return tuple(sorted(found, key=lambda one: (not one.is_bug, -len(one.cells), one.signature.head)))


def _failures(results: Iterable[CellResult]) -> Iterator[tuple[Cell, Attempt]]:
    for result in results:
        if not isinstance(result.state, Unavailable):
            yield from ((result.cell, attempt) for attempt in result.state.attempts)
