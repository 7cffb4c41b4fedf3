"""Results along an axis, written as one letter a value: g good, b bad, s skip."""

from __future__ import annotations

from bisectrix.judge.boundary import Tried
from bisectrix.judge.rate import wilson
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Decided, Judgement, Skipped
from bisectrix.model.words import SkipReason, Verdict

JUDGEMENTS: dict[str, Judgement] = {
    "g": Decided(verdict=Verdict.GOOD, rate=wilson(0, 1), flaky=False),
    "b": Decided(verdict=Verdict.BAD, rate=wilson(1, 1), flaky=False),
    "s": Skipped(reason=SkipReason.UNSATISFIABLE, explanation=""),
}


def line(letters: str) -> tuple[Tried, ...]:
    """Values are 1, 2, 3, ..."""
    return tuple(
        Tried(value=str(number), cell=_cell(pkg=str(number)), judgement=JUDGEMENTS[letter])
        for number, letter in enumerate(letters, 1)
    )


def result(letter: str, **coordinates: str) -> CellResult:
    return CellResult(
        cell=_cell(**coordinates),
        matrix="m",
        repro_sha256="r",
        state=Unavailable(reason=SkipReason.UNSATISFIABLE, explanation=""),
        judgement=JUDGEMENTS[letter],
        finished_at="2026-01-06T00:00:00Z",
    )


def _cell(**coordinates: str) -> Cell:
    return Cell(repro="r", coordinates=tuple(sorted(coordinates.items())))
