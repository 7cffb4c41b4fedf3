"""A search as it happens in a terminal: finished runs scroll by, below them what is believed now and what runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from bisectrix.cli.probes import run_line, where
from bisectrix.matrix.estimate import duration_text
from bisectrix.runner.bisection import Step
from bisectrix.runner.lines import Line
from bisectrix.search.driver import Probe
from bisectrix.search.forecast import seconds_left
from bisectrix.search.outlook import Outlook
from bisectrix.search.side import Side
from bisectrix.search.state import Observation, Tally

REFRESH_PER_S = 4
WIDEST = 64
HEIGHTS = " ▁▂▃▄▅▆▇█"
LABEL_WIDTH = 11

COLOURS = {
    Observation.GOOD: "green",
    Observation.BAD: "red",
    Observation.OTHER_FAILURE: "yellow",
    Observation.UNTESTABLE: "bright_black",
}


class LiveSearch:
    """Bars over the values, oldest to the left: what was seen of them, and where each change may be."""

    def __init__(self, console: Console, line: Line, workers: int) -> None:
        """Show a search over `line` that keeps `workers` runs going."""
        self._console = console
        self._line = line
        self._workers = workers
        self._count = 0
        self._outlook: Outlook | None = None
        self._running: list[tuple[int, float]] = []
        self._guard = threading.Lock()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Show it while the block runs."""
        with Live(get_renderable=self._render, console=self._console, refresh_per_second=REFRESH_PER_S, transient=True):
            yield

    def began(self, probe: Probe) -> None:
        """Show a run that begins."""
        with self._guard:
            self._running.append((probe.value, time.monotonic()))

    def ended(self, step: Step) -> None:
        """Let a finished run scroll by."""
        self._count += 1
        with self._guard:
            self._outlook = step.outlook
            begun = next((run for run in self._running if run[0] == step.seen.value), None)
            if step.new and begun:
                self._running.remove(begun)
        text = Text(run_line(self._line, self._count, step), style=COLOURS[step.seen.observation])
        self._console.print(text, no_wrap=True, overflow="ellipsis", crop=True)

    def rows(self) -> list[Text]:
        """Return what stands below the finished runs now."""
        with self._guard:
            outlook, running = self._outlook, tuple(self._running)
        rows = [Text(_running_words(self._line, running))]
        if outlook is not None:
            rows = [*_bars(outlook, min(WIDEST, len(self._line.values))), *rows, self._end(outlook)]
        return rows

    def _render(self) -> Group:
        rows = self.rows()
        for row in rows:
            row.no_wrap, row.overflow = True, "ellipsis"
        return Group(*rows)

    def _end(self, outlook: Outlook) -> Text:
        known = "; ".join(where(self._line, outlook))
        left = duration_text(seconds_left(outlook) / self._workers)
        return Text(f"{known}; about {left} left" if known else f"about {left} left", style="bold")


def _bars(outlook: Outlook, width: int) -> Iterator[Text]:
    """Yield a row of what was seen of the values, then one for each change that is looked for or found."""
    size = outlook.question.size
    seen = Text(f"{'seen':<{LABEL_WIDTH}}", style="dim")
    for bucket in _buckets(size, width):
        seen.append(*_mark([outlook.state.tally(value) for value in bucket]))
    yield seen
    for side in outlook.sides:
        row = Text(f"{side.direction:<{LABEL_WIDTH}}", style="dim")
        yield row.append(_heights(side, _buckets(size, width)), style="cyan")


def _buckets(size: int, width: int) -> list[range]:
    """Return the values of each column, as even as can be."""
    return [range(column * size // width, (column + 1) * size // width) for column in range(width)]


def _mark(tallies: Sequence[Tally]) -> tuple[str, str]:
    """Return the sign for a column and its colour: bad before good before no evidence before nothing."""
    if any(tally.bad for tally in tallies):
        return "●", "red"
    if any(tally.good for tally in tallies):
        return "○", "green"
    return ("x", "yellow") if any(tally.other or tally.untestable for tally in tallies) else ("·", "bright_black")


def _heights(side: Side, buckets: Sequence[range]) -> str:
    """Return a bar for each column, as high as the change is likely there; what is not ruled out shows."""
    shares = side.by_value()
    columns = [sum(shares.get(value, 0.0) for value in bucket) for bucket in buckets]
    most = max(columns, default=0.0) or 1.0
    steps = len(HEIGHTS) - 1
    return "".join(HEIGHTS[min(steps, int(share / most * steps) + (share > 1e-3))] for share in columns)  # noqa: PLR2004


def _running_words(line: Line, running: Sequence[tuple[int, float]]) -> str:
    now = time.monotonic()
    told = (f"{line.names[value]} for {now - since:.0f} s" for value, since in running)
    return f"running: {', '.join(told)}" if running else "deciding"
