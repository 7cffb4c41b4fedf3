"""What is said when a run is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bisectrix.cli.words import counted, verdict_words
from bisectrix.runner.schedule import Report


def summary_lines(report: Report, planned: int, written: Sequence[Path]) -> Iterator[str]:
    """Yield the counts of verdicts, what failed on our side, what was not reached, and where to read on."""
    verdicts = Counter(verdict_words(result) for result in report.results)
    counts = ", ".join(f"{count} {words}" for words, count in sorted(verdicts.items()))
    yield f"{len(report.results)} of {counted(planned, 'cell')}{': ' if counts else ''}{counts}"
    yield from _failure_lines(report)
    if report.interrupted:
        yield "interrupted: what is done is recorded; the same command goes on from there"
    for path in written:
        yield f"wrote {path}"


def _failure_lines(report: Report) -> Iterator[str]:
    cells_by_message: dict[str, list[str]] = {}
    for cell, error in report.failures:
        cells_by_message.setdefault(str(error), []).append(cell.name)
    for message, cells in cells_by_message.items():
        yield f"could not run {counted(len(cells), 'cell')}, {cells[0]} first: {message}"
