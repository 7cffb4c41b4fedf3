"""How to see it again: one command a side."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bisectrix.model.matrix import Axis, Cell, Matrix, OpenAxis
from bisectrix.model.repro import Repro
from bisectrix.model.result import CellResult
from bisectrix.model.words import Verdict
from bisectrix.report.answer import Evidence
from bisectrix.report.markdown import Markdown, block
from bisectrix.report.words import counts_words, verdict

CURRENT = "current"
SELECTABLE = re.compile(r"[^\s()=<>!]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """What to type to record one side anew, to look at what is recorded of it, and to see just that again."""

    result: CellResult
    run: str
    show: str
    replay: str

    @property
    def words(self) -> Markdown:
        """`shows it, hang 3/3 in the records`."""
        shows = "shows it" if verdict(self.result) is Verdict.BAD else "does not show it"
        return Markdown(f"{shows}, {counts_words(self.result)} in the records")

    @property
    def commands(self) -> Markdown:
        """Return the commands as a block."""
        return block((self.run, self.show, self.replay), "sh")


def again(repro: Repro, evidence: Evidence) -> Iterator[Again]:
    """Yield a cell that shows the bug and one that does not, alike in their other coordinates where there are such."""
    good = _good(evidence)
    bad = _beside(good, evidence)
    for result in (bad, good):
        if result is not None:
            cell = result.cell
            yield Again(
                result=result,
                run=run_command(repro, evidence.matrices, cell),
                show=f"bisectrix show {shlex.quote(cell.name)}",
                replay=f"bisectrix replay {shlex.quote(cell.name)}",
            )


def run_command(repro: Repro, matrices: Sequence[Matrix], cell: Cell) -> str:
    """Return the command that runs this cell again."""
    matrix = next((matrix for matrix in matrices if _holds(matrix, cell)), None)
    terms = [f"{axis}={value}" for axis, value in cell.coordinates if _selects(matrix, axis, value)]
    named = ["-m", matrix.name] if matrix and repro.matrices and matrix.name != repro.matrices[0] else []
    chosen = ["-k", " and ".join(terms)] if terms else []
    return f"nox -s matrix -- {shlex.join([repro.name, *named, *chosen])} --rerun"


def _good(evidence: Evidence) -> CellResult | None:
    if evidence.pins:
        return next(result for result in evidence.results if result.cell == evidence.pins[0].cell)
    return next((result for result in reversed(evidence.telling) if verdict(result) is Verdict.GOOD), None)


def _beside(good: CellResult | None, evidence: Evidence) -> CellResult | None:
    """Return a bad cell, the newest of those that differ from `good` only along the axis of the question."""
    alike = [bad for bad in evidence.bad if good and _others(bad, evidence.axis) == _others(good, evidence.axis)]
    return next(reversed(alike or evidence.bad), None)


def _others(result: CellResult, axis: str) -> list[tuple[str, str]]:
    return [pair for pair in result.cell.coordinates if pair[0] != axis]


def _holds(matrix: Matrix, cell: Cell) -> bool:
    names = {axis.name for axis in matrix.axes}
    closed = [axis for axis in matrix.axes if isinstance(axis, Axis)]
    return names == {axis for axis, _ in cell.coordinates} and all(
        cell.get(axis.name) in axis.values for axis in closed
    )


def _selects(matrix: Matrix | None, axis: str, value: str) -> bool:
    """Say whether a selection should name this coordinate: not where the matrix has whatever Python runs it."""
    open_axes = [known for known in (matrix.axes if matrix else ()) if isinstance(known, OpenAxis)]
    is_current = any(known.name == axis and known.specifier == CURRENT for known in open_axes)
    return not is_current and SELECTABLE.fullmatch(value) is not None
