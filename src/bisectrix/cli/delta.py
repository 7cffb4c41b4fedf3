"""`bisectrix delta`: the smallest set of package changes that turns a good cell bad."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from bisectrix.cli.assembly import opened_tools, pool_bytes
from bisectrix.cli.bisect_question import seconds_of, steadiness
from bisectrix.cli.probes import DeltaLines, list_of
from bisectrix.cli.words import counted
from bisectrix.errors import ExitCode, UsageError
from bisectrix.model.bisection import Mover
from bisectrix.model.environment import Unavailable
from bisectrix.project import find_project
from bisectrix.runner.cell import CellRunner, Policy, Work
from bisectrix.runner.difference import Difference, Mixer
from bisectrix.runner.planning import Pick, PlannedCell, Wish, plan
from bisectrix.runner.tools import Tools
from bisectrix.search.delta import BadWithNone, DeltaAnswer, GoodWithAll, Minimal, MinimalSet, Unfinished
from bisectrix.search.question import Terms

USUAL = Terms()


@click.command()
@click.argument("name")
@click.option(
    "--good", required=True, metavar="CELL", help="A cell that does not show the bug, as `list --cells` names it."
)
@click.option("--bad", required=True, metavar="CELL", help="One that does, on the same Python.")
@click.option("--max-runs", type=click.IntRange(min=1), default=None, metavar="N", help="Stop after so many runs.")
@click.option("--budget", default="", metavar="TIME", help="Stop after so much time in runs, such as 90s, 10m or 2h.")
@click.option("-j", "jobs", metavar="JOBS", type=click.IntRange(min=1), default=None, help="Runs at once.")
@click.pass_obj
def delta(folder: Path, name: str, good: str, bad: str, max_runs: int | None, budget: str, jobs: int | None) -> None:
    """Find which package changes between two cells make the difference.

    CELL is a name such as NAME@python=3.11,resolution=highest, or only what stands behind the @.
    """
    project = find_project(folder)
    jobs = jobs or len(os.sched_getaffinity(0))
    with opened_tools(project) as tools:
        run_id = tools.store.begin_run(command=shlex.join(("bisectrix", *sys.argv[1:])), started_at=tools.now())
        runner = CellRunner(
            tools, run_id, policy=Policy(), jobs=jobs, observe=lambda _: None, cancelled=tools.cancelled
        )
        terms = Terms(
            steady=steadiness(project.repro(name)),
            max_runs=max_runs or USUAL.max_runs,
            max_s=seconds_of(budget) if budget else USUAL.max_s,
        )
        mixer = Mixer(_work(tools, runner, name, good), _work(tools, runner, name, bad))
        if not mixer.movers:
            raise UsageError("both cells have the same packages, so no package makes the difference")
        click.echo(f"{counted(len(mixer.movers), 'change')}: {list_of(mixer.movers)}", err=True)
        if mixer.followers:
            click.echo(f"follow from them: {list_of(mixer.followers)}", err=True)
        tell = DeltaLines(mixer.movers)
        outcome = Difference(runner, mixer, terms, workers=jobs, tell=tell).run(tools.cancelled)
        if outcome.answer is None:
            click.echo("interrupted: what was run is recorded; the same command goes on from there", err=True)
            raise SystemExit(ExitCode.INTERRUPTED)
        tools.store.end_run(run_id, ended_at=tools.now())
        tools.pool.prune(pool_bytes(os.environ))
    for sentence in _sentences(name, outcome.answer, mixer.movers):
        click.echo(sentence)


def _work(tools: Tools, runner: CellRunner, name: str, cell: str) -> Work:
    work = runner.work(_planned(tools, name, cell))
    if isinstance(work, Unavailable):
        raise UsageError(f"{cell} cannot be run: {' '.join(work.explanation.split())}", hint=work.remedy)
    return work


def _planned(tools: Tools, name: str, cell: str) -> PlannedCell:
    """Return the cell of this name, from any matrix of the repro."""
    wish = Wish(names=(name,), matrix="", pick=Pick.ALL, selection=None, attempts=0)
    coordinates = cell.removeprefix(f"{name}@").split(",")
    wanted = f"{name}@{','.join(sorted(coordinates))}"
    for planned in plan(tools.project, wish, tools.opener(anew=False)).cells:
        if planned.cell.name == wanted:
            return planned
    raise UsageError(f"no matrix of {name} has a cell {cell!r}", hint=f"bisectrix list {name} --cells")


def _sentences(name: str, answer: DeltaAnswer, movers: Sequence[Mover]) -> Iterator[str]:
    match answer:
        case Minimal(sets=sets, is_reversed=is_reversed):
            for each in sets:
                yield from _set(name, each, movers)
            if is_reversed:
                yield "Without that, everything else as in the bad cell, it is good."
            else:
                yield "Taking it back from the bad cell does not resolve, so that was not seen."
        case GoodWithAll():
            yield "The bad cell does not show the bug: there is nothing to find."
        case BadWithNone():
            yield "The good cell shows the bug, too: there is nothing to find."
        case Unfinished(reason=reason, smallest=smallest):
            yield f"Not finished: {reason}."
            yield f"The smallest set known to be bad: {list_of([movers[change] for change in smallest])}."


def _set(name: str, found: MinimalSet, movers: Sequence[Mover]) -> Iterator[str]:
    members = [movers[change] for change in found.changes]
    verb = "alone turns" if len(members) == 1 else "together turn"
    yield f"{list_of(members)} {verb} the good cell bad."
    if found.unconfirmed:
        held = list_of([movers[change] for change in found.unconfirmed])
        yield f"  not shown to be needed, since the rest does not resolve without it: {held}"
    for mover in members:
        if mover.old and mover.new:
            ends = f"--good {mover.old} --bad {mover.new}"
            yield f"  next: nox -s bisect -- {name} --package {mover.name} {ends}"
