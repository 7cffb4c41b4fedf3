"""A search as it happens: one line a run, each of which can be quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from bisectrix.model.attempt import Attempt
from bisectrix.model.bisection import Mover
from bisectrix.runner.bisection import Step
from bisectrix.runner.difference import Tried
from bisectrix.runner.lines import Line
from bisectrix.search.driver import Probe
from bisectrix.search.forecast import smallest_sets
from bisectrix.search.outlook import Outlook
from bisectrix.search.subsets import Changes

SHOWN = 4
WIDEST = 40


class ProbeLines:
    """Prints a line for every run: what it was, what it showed, and where the changes may be now."""

    def __init__(self, line: Line) -> None:
        """Print runs of the values of `line`."""
        self._line = line
        self._count = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Print while the block runs."""
        yield

    def began(self, probe: Probe) -> None:
        """Print nothing: it has shown nothing yet."""

    def ended(self, step: Step) -> None:
        """Print one run."""
        self._count += 1
        click.echo(run_line(self._line, self._count, step), err=True)
        for told in where(self._line, step.outlook):
            click.echo(f"     {told}", err=True)


def run_line(line: Line, count: int, step: Step) -> str:
    """`[ 5] 7.0.0   good           pass  (narrow down)`."""
    width = min(max(map(len, line.names)), WIDEST)
    what = step.seen.what
    said = what.summary if isinstance(what, Attempt) else f"{what.reason}: {what.explanation}"
    purpose = step.probe.purpose if step.new else "on record"
    value = f"{line.names[step.seen.value]:<{width}}"
    return f"[{count:>2}] {value}  {step.seen.observation:<13}  {said.splitlines()[0]}  ({purpose})"


def where(line: Line, outlook: Outlook) -> Iterator[str]:
    """Yield for each change that is looked for where it may be, likeliest first."""
    for credible in smallest_sets(outlook):
        values = [line.names[value] for value in credible.values]
        more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
        yield f"{credible.direction} in {', '.join(values[:SHOWN])}{more} ({credible.probability:.0%})"


class DeltaLines:
    """Prints a line for every run of a set of changes."""

    def __init__(self, movers: Sequence[Mover]) -> None:
        """Print sets of these changes."""
        self._movers = movers
        self._count = 0

    def __call__(self, tried: Tried) -> None:
        """Print one run."""
        self._count += 1
        what = tried.seen.what
        said = (what.summary if isinstance(what, Attempt) else f"{what.reason}: {what.explanation}").splitlines()[0]
        what_ran = applied(tried.changes, self._movers)
        record = "" if tried.new else "  (on record)"
        click.echo(f"[{self._count:>2}] {tried.seen.observation:<13}  {what_ran}: {said}{record}", err=True)


def applied(changes: Changes, movers: Sequence[Mover]) -> str:
    """Say which cell it is: one of the two ends, or the good one with some changes."""
    if not changes:
        return "the good cell"
    if len(changes) == len(movers):
        return "the bad cell"
    return list_of([movers[change] for change in sorted(changes)])


def list_of(movers: Sequence[Mover]) -> str:
    """`httpx 0.25.2 -> 0.28.1, urllib3 2.8.0 -> none`."""
    return ", ".join(f"{mover.name} {mover.old or 'none'} -> {mover.new or 'none'}" for mover in movers)
