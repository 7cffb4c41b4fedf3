"""A search as it happens: one line a run, each of which can be quoted."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bisectrix.model.attempt import Attempt
from bisectrix.runner.bisection import Step
from bisectrix.runner.lines import Line

SHOWN = 4


class ProbeLines:
    """Prints a line for every run: what it was, what it showed, and where the changes may be now."""

    def __init__(self, line: Line) -> None:
        """Print runs of the values of `line`."""
        self._line = line
        self._width = max(map(len, line.values))
        self._count = 0

    def __call__(self, step: Step) -> None:
        """Print one run."""
        self._count += 1
        value = f"{self._line.values[step.seen.value]:<{self._width}}"
        what = step.seen.what
        said = what.summary if isinstance(what, Attempt) else f"{what.reason}: {what.explanation}"
        said = said.splitlines()[0]
        purpose = step.probe.purpose if step.new else "on record"
        click.echo(f"[{self._count:>2}] {value}  {step.seen.observation:<13}  {said}  ({purpose})", err=True)
        for where in self._where(step):
            click.echo(f"     {where}", err=True)

    def _where(self, step: Step) -> Iterator[str]:
        for side in step.outlook.sides:
            if side.finding() is not None:
                continue
            credible = side.credible()
            values = [self._line.values[value] for value in credible.values]
            more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
            yield f"{credible.direction} in {', '.join(values[:SHOWN])}{more} ({credible.probability:.0%})"
