"""`bisectrix delta`: the smallest set of package changes that turns a good cell bad."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from bisectrix.cli.assembly import opened_tools
from bisectrix.cli.bisect_question import seconds_of, steadiness
from bisectrix.cli.delta_cells import cell_to_compare, check_comparable
from bisectrix.cli.delta_result import delta_record, paragraphs
from bisectrix.cli.probes import DeltaLines, list_of
from bisectrix.cli.searching import check_page, tell
from bisectrix.cli.words import counted
from bisectrix.errors import ExitCode
from bisectrix.model.delta import DeltaRecord
from bisectrix.model.repro import Repro
from bisectrix.project import find_project
from bisectrix.record import deltas
from bisectrix.record.deltas import RECORD
from bisectrix.runner.cell import CellRunner, Policy
from bisectrix.runner.difference import Difference, Mixer
from bisectrix.runner.tools import Tools
from bisectrix.search.question import Terms

USUAL = Terms()


@click.command()
@click.argument("name")
@click.option("--good", required=True, metavar="CELL", help="A cell that does not show the bug.")
@click.option("--bad", required=True, metavar="CELL", help="One that does, on the same Python.")
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, help="How sure to be.  [default: 0.95]")
@click.option("--max-runs", type=click.IntRange(min=1), default=None, metavar="N", help="Stop after so many runs.")
@click.option("--budget", default="", metavar="TIME", help="Stop after so much time in runs, such as 90s, 10m or 2h.")
@click.option("-j", "jobs", metavar="JOBS", type=click.IntRange(min=1), default=None, help="Runs at once.")
@click.option("--json", "as_json", is_flag=True, help="The record as one JSON document on standard output.")
@click.pass_obj
def delta(
    folder: Path,
    name: str,
    good: str,
    bad: str,
    confidence: float,
    max_runs: int | None,
    budget: str,
    jobs: int | None,
    *,
    as_json: bool,
) -> None:
    """Find which package changes between two cells make the difference.

    CELL is the name of one, such as NAME@python=3.11,resolution=highest, or only what stands behind the @. It need not
    be in a matrix: python=3.11,httpx=0.27.2,cutoff=2026-01-01 is that release, and else what the index offered then.
    What is recorded counts and is not run again.
    """
    project = find_project(folder)
    jobs = jobs or len(os.sched_getaffinity(0))
    repro = project.repro(name)
    check_page(project, repro)
    terms = _terms(repro, confidence, max_runs, budget)
    with opened_tools(project) as tools:
        record = _searched(tools, name, (good, bad), terms, jobs)
        deltas.save(project.results / "deltas", record)
        tell(tools, RECORD.dump_json(record).decode() if as_json else "\n".join(paragraphs(record)))


def _terms(repro: Repro, confidence: float, max_runs: int | None, budget: str) -> Terms:
    return Terms(
        confidence=confidence,
        matched=repro.bug.is_signed,
        steady=steadiness(repro),
        max_runs=max_runs or USUAL.max_runs,
        max_s=seconds_of(budget) if budget else USUAL.max_s,
    )


def _searched(tools: Tools, name: str, ends: tuple[str, str], terms: Terms, jobs: int) -> DeltaRecord:
    run_id = tools.store.begin_run(command=shlex.join(("bisectrix", *sys.argv[1:])), started_at=tools.now())
    runner = CellRunner(tools, run_id, policy=Policy(), jobs=jobs, observe=lambda _: None, cancelled=tools.cancelled)
    good = cell_to_compare(tools, runner, name, ends[0], "--good")
    bad = cell_to_compare(tools, runner, name, ends[1], "--bad")
    check_comparable(good, bad)
    mixer = Mixer(good, bad)
    click.echo(f"{counted(len(mixer.movers), 'change')}: {list_of(mixer.movers)}", err=True)
    if mixer.followers:
        click.echo(f"follow from them: {list_of(mixer.followers)}", err=True)
    tell = DeltaLines(mixer.movers)
    outcome = Difference(runner, mixer, terms, workers=jobs, tell=tell).run(tools.cancelled)
    if outcome.answer is None:
        click.echo("interrupted: what was run is recorded; the same command goes on from there", err=True)
        raise SystemExit(ExitCode.INTERRUPTED)
    tools.store.end_run(run_id, ended_at=tools.now())
    return delta_record(good, bad, mixer, outcome.answer, outcome.tried)
