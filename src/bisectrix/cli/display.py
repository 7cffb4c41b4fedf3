"""A run as it happens: a live table in a terminal, plain lines elsewhere, JSON lines for machines."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bisectrix.cli.words import cell_words, result_json, why
from bisectrix.matrix.estimate import duration_text
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult
from bisectrix.model.words import Outcome
from bisectrix.runner.events import AttemptDone, CellDone, CellFailed, Event, Observer, Reached

COLOURS: Mapping[Outcome, str] = {
    Outcome.PASS: "green",
    Outcome.FAIL: "yellow",
    Outcome.CRASH: "magenta",
    Outcome.HANG: "red",
    Outcome.TIMEOUT: "yellow",
    Outcome.UNAVAILABLE: "bright_black",
}
REFRESH_PER_S = 8
WORDS_WIDTH = 22

Line: TypeAlias = Text


def finished_line(event: CellDone | CellFailed, name_width: int) -> Line:
    """Return one line for a finished cell: what it was, its name, why."""
    if isinstance(event, CellFailed):
        return _line("error", "bold red", event.cell.name, str(event.error), name_width)
    result = event.result
    remark = why(result) if event.ran or isinstance(result.state, Unavailable) else f"unchanged; {why(result)}"
    return _line(cell_words(result), COLOURS[_outcome(result)], result.cell.name, remark, name_width)


def _line(words: str, colour: str, name: str, remark: str, name_width: int) -> Line:
    head = Text(f"{words:<{WORDS_WIDTH}} ", style=colour)
    return head.append(f"{name:<{name_width}}  ", style="default").append(remark.splitlines()[0], style="dim")


def _outcome(result: CellResult) -> Outcome:
    if isinstance(result.state, Unavailable):
        return Outcome.UNAVAILABLE
    outcomes = [attempt.outcome for attempt in result.state.attempts]
    return max(outcomes, key=list(Outcome).index) if outcomes else Outcome.UNAVAILABLE


class LiveDisplay:
    """Finished cells scroll by; below them the cells under way with their steps, and one line of progress."""

    def __init__(self, console: Console, cells: tuple[Cell, ...], expected_s: float) -> None:
        """Expect `cells`, to be done in about `expected_s` seconds."""
        self._console = console
        self._expected_s = expected_s
        self._total = len(cells)
        self._name_width = max((len(cell.name) for cell in cells), default=0)
        self._under_way: dict[str, tuple[str, float]] = {}
        self._done = 0
        self._started = time.monotonic()
        self._guard = threading.Lock()

    @contextmanager
    def observing(self) -> Iterator[Observer]:
        """Show the table while the block runs."""
        with Live(get_renderable=self._render, console=self._console, refresh_per_second=REFRESH_PER_S, transient=True):
            yield self._observe

    def _observe(self, event: Event) -> None:
        with self._guard:
            match event:
                case Reached(cell=cell, step=step):
                    self._under_way[cell.name] = (step, time.monotonic())
                case CellDone(result=result):
                    self._finish(result.cell, event)
                case CellFailed(cell=cell):
                    self._finish(cell, event)
                case AttemptDone():
                    pass

    def _finish(self, cell: Cell, event: CellDone | CellFailed) -> None:
        self._under_way.pop(cell.name, None)
        self._done += 1
        self._console.print(finished_line(event, self._name_width), no_wrap=True, overflow="ellipsis", crop=True)

    def _render(self) -> Group:
        with self._guard:
            under_way = tuple(self._under_way.items())
        table = Table.grid(padding=(0, 2))
        room = max(self._console.height - 3, 1)
        for name, (step, since) in under_way[:room]:
            table.add_row(Text(f"{step:<{WORDS_WIDTH}}", style="cyan"), name, f"{time.monotonic() - since:.0f} s")
        return Group(table, Text(self._progress(), style="bold"))

    def _progress(self) -> str:
        left = max(self._expected_s - (time.monotonic() - self._started), 0)
        about = f", about {duration_text(left)} left" if left else ""
        return f"{self._done} of {self._total} cells done, {len(self._under_way)} under way{about}"


class PlainDisplay:
    """One line for each finished cell; nothing moves."""

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        """Expect `cells`."""
        self._name_width = max((len(cell.name) for cell in cells), default=0)
        self._total = len(cells)
        self._done = 0
        self._guard = threading.Lock()

    @contextmanager
    def observing(self) -> Iterator[Observer]:
        """Print while the block runs."""
        yield self._observe

    def _observe(self, event: Event) -> None:
        if not isinstance(event, (CellDone, CellFailed)):
            return
        with self._guard:
            self._done += 1
            count = f"[{self._done:>{len(str(self._total))}}/{self._total}]"
            click.echo(f"{count} {finished_line(event, self._name_width).plain}", err=True)


class JsonDisplay:
    """One JSON object a line on standard output for each finished cell."""

    def __init__(self) -> None:
        """Print one event at a time."""
        self._guard = threading.Lock()

    @contextmanager
    def observing(self) -> Iterator[Observer]:
        """Print while the block runs."""
        yield self._observe

    def _observe(self, event: Event) -> None:
        match event:
            case CellDone(result=result, ran=ran):
                self._print({"event": "cell", "ran": ran, **result_json(result)})
            case CellFailed(cell=cell, error=error):
                self._print({"event": "error", "cell": cell.name, "message": str(error)})
            case Reached() | AttemptDone():
                pass

    def _print(self, document: Mapping[str, object]) -> None:
        with self._guard:
            click.echo(json.dumps(document, ensure_ascii=False))
