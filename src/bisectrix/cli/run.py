"""`bisectrix run`: the matrix, from manifests to recorded results and findings."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import click
from rich.console import Console

from bisectrix.cli.assembly import CONTAINMENTS, opened_tools, pool_bytes
from bisectrix.cli.display import JsonDisplay, LiveDisplay, PlainDisplay
from bisectrix.cli.findings import write_findings
from bisectrix.cli.git_bisect import NOTHING_CHECKED_OUT, check_one_cell, code_of
from bisectrix.cli.sources import sources_from
from bisectrix.cli.summary import summary_lines
from bisectrix.cli.words import counted
from bisectrix.errors import ExitCode, UsageError
from bisectrix.matrix.estimate import duration_text, expected_s
from bisectrix.matrix.request import HOST
from bisectrix.matrix.selection import parse_selection
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import ContainmentKind
from bisectrix.project import find_project
from bisectrix.runner.cell import CellRunner, Policy
from bisectrix.runner.events import Observer
from bisectrix.runner.planning import Pick, Planned, PlannedCell, Wish, plan, without_trust
from bisectrix.runner.schedule import Report, is_bad, run_cells
from bisectrix.runner.tools import Tools


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-m", "--matrix", default="", metavar="MATRIX", help="Run this matrix instead of those of the set.")
@click.option(
    "--set",
    "pick",
    type=click.Choice([str(Pick.QUICK), str(Pick.FULL), str(Pick.ALL)]),
    help="Which matrices to run.  [default: quick; the first of each repro that is named]",
)
@click.option(
    "-k", "expression", default="", metavar="EXPR", help="Only cells that match, such as 'vcrpy>=8 and not 3.13'."
)
@click.option("-x", "stop_at_bad", is_flag=True, help="Stop at the first cell that shows its bug.")
@click.option(
    "-n",
    "attempts",
    metavar="ATTEMPTS",
    type=click.IntRange(min=1),
    default=None,
    help="Attempts a cell.  [default: as the manifest says]",
)
@click.option(
    "-j",
    "jobs",
    metavar="JOBS",
    type=click.IntRange(min=1),
    default=None,
    help="Attempts busy at once.  [default: the cores]",
)
@click.option("--rerun", is_flag=True, help="Run cells again although nothing has changed.")
@click.option("--relock", is_flag=True, help="Resolve again although a lock is recorded.")
@click.option("--dry-run", is_flag=True, help="Print the plan and an estimate, and stop.")
@click.option("--fail-on-bad", is_flag=True, help="Exit with 1 when a cell shows its bug.")
@click.option(
    "--with-source",
    "folders",
    multiple=True,
    metavar="NAME=FOLDER",
    help="Build this package from what the folder holds now, instead of a release; may be repeated.",
)
@click.option(
    "--git-bisect", is_flag=True, help="Answer `git bisect run` for one cell: exit with 0 good, 1 bad, 125 skip."
)
@click.option(
    "--containment",
    type=click.Choice(CONTAINMENTS),
    default=None,
    help="What holds the processes of an attempt together.  [default: the best that works here]",
)
@click.option(
    "--untrusted",
    is_flag=True,
    help="Trust no repro: run it in a hardened container, or not at all.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each cell, on standard output.")
@click.pass_obj
def run(
    folder: Path,
    names: tuple[str, ...],
    matrix: str,
    pick: str | None,
    expression: str,
    attempts: int | None,
    jobs: int | None,
    folders: tuple[str, ...],
    containment: str | None,
    *,
    stop_at_bad: bool,
    rerun: bool,
    relock: bool,
    dry_run: bool,
    fail_on_bad: bool,
    git_bisect: bool,
    untrusted: bool,
    as_json: bool,
) -> None:
    """Run repros over their matrices, record what happened, and write the findings.

    Without a NAME the quick set of every repro runs. A cell that is recorded and unchanged is not run again.
    """
    project = find_project(folder)
    if matrix and not names:
        raise UsageError("-m needs the name of a repro", hint=f"bisectrix run NAME -m {matrix}")
    wish = Wish(
        names=names,
        matrix=matrix,
        pick=Pick(pick) if pick else Pick.FIRST if names else Pick.QUICK,
        selection=parse_selection(expression) if expression else None,
        attempts=attempts or 0,
        sources=sources_from(folders, os.environ),
    )
    jobs = jobs or len(os.sched_getaffinity(0))
    with opened_tools(project, containment=ContainmentKind(containment) if containment else None) as tools:
        policy = Policy(rerun=rerun, relock=relock)
        planned = plan(project, wish, tools.opener(anew=relock))
        if untrusted:
            planned = without_trust(planned, {HOST, tools.platform})
        if git_bisect:
            check_one_cell([one.cell for one in planned.cells])
            if not wish.sources:
                click.echo(NOTHING_CHECKED_OUT, err=True)
        seconds = _expected_s(tools, planned, policy, jobs)
        _announce(planned, seconds, jobs)
        if dry_run:
            _print_plan(planned)
            return
        report = _run(tools, planned, policy, jobs, seconds, stop_at_bad=stop_at_bad, as_json=as_json)
        tools.prune(pool_bytes(os.environ))
        written = () if wish.sources else write_findings(project, tools.store)
    for line in summary_lines(report, len(planned.cells), written):
        click.echo(line, err=True)
    if git_bisect:
        raise SystemExit(code_of(report.results))
    _exit(report, fail_on_bad=fail_on_bad)


def _expected_s(tools: Tools, planned: Planned, policy: Policy, jobs: int) -> float:
    """Estimate the wall time; a cell whose repro is what it was when recorded is expected to be unchanged."""
    recorded = {} if policy.rerun else {result.cell.name: result for result in tools.store.results()}
    missing = {cell.cell.name: cell.attempts - _reusable(cell, recorded) for cell in planned.cells}
    return expected_s({name: max(count, 0) for name, count in missing.items()}, tools.store.durations(), jobs)


def _reusable(planned: PlannedCell, recorded: Mapping[str, CellResult]) -> int:
    result = recorded.get(planned.cell.name)
    unchanged = result is not None and result.repro_sha256 == planned.subject.sha256
    return len(result.state.attempts) if result and unchanged and isinstance(result.state, Ran) else 0


def _announce(planned: Planned, seconds: float, jobs: int) -> None:
    attempts = sum(cell.attempts for cell in planned.cells)
    excluded = f", {len(planned.excluded)} excluded" if planned.excluded else ""
    cells = f"{counted(len(planned.cells), 'cell')}{excluded}"
    click.echo(f"{cells}, {counted(attempts, 'attempt')}, {jobs} at once, about {duration_text(seconds)}", err=True)


def _print_plan(planned: Planned) -> None:
    for cell in planned.cells:
        click.echo(cell.cell.name)
    for excluded, reason in planned.excluded:
        click.echo(f"# excluded: {excluded.name}: {reason}")


def _run(
    tools: Tools, planned: Planned, policy: Policy, jobs: int, seconds: float, *, stop_at_bad: bool, as_json: bool
) -> Report:
    run_id = tools.store.begin_run(command=shlex.join(("bisectrix", *sys.argv[1:])), started_at=tools.now())
    with _display(planned, seconds, as_json=as_json) as observe:
        runner = CellRunner(tools, run_id, policy=policy, jobs=jobs, observe=observe, cancelled=tools.cancelled)
        report = run_cells(
            runner, planned.cells, jobs=jobs, stop_at_bad=stop_at_bad, observe=observe, cancelled=tools.cancelled
        )
    tools.store.end_run(run_id, ended_at=tools.now())
    click.echo(f"recorded as run {run_id}", err=True)
    return report


def _display(planned: Planned, seconds: float, *, as_json: bool) -> AbstractContextManager[Observer]:
    cells: tuple[Cell, ...] = tuple(cell.cell for cell in planned.cells)
    if as_json:
        return JsonDisplay().observing()
    console = Console(stderr=True)
    if console.is_terminal:
        return LiveDisplay(console, cells, seconds).observing()
    return PlainDisplay(cells).observing()


def _exit(report: Report, *, fail_on_bad: bool) -> None:
    if report.interrupted:
        raise SystemExit(ExitCode.INTERRUPTED)
    if report.failures:
        raise SystemExit(ExitCode.INFRA)
    if fail_on_bad and any(is_bad(result) for result in report.results):
        raise SystemExit(ExitCode.DIFFERS)
