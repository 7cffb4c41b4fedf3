"""`bisectrix bisect`: name the release, both boundaries, and what else moved."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from math import ceil, log2
from pathlib import Path

import click
from packaging.utils import canonicalize_name

from bisectrix.cli.assembly import opened_tools, pool_bytes
from bisectrix.cli.bisect_question import from_lock, ground_of, line_of, seconds_of, steadiness, task_of
from bisectrix.cli.bisect_result import conclusion, paragraphs
from bisectrix.cli.findings import write_findings
from bisectrix.cli.probes import DeltaLines, ProbeLines
from bisectrix.cli.words import counted
from bisectrix.errors import ExitCode, UsageError
from bisectrix.matrix.estimate import duration_text
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import Resolution
from bisectrix.project import find_project
from bisectrix.record import bisections
from bisectrix.record.bisections import RECORD
from bisectrix.runner.bisection import Bisection
from bisectrix.runner.cell import CellRunner, Policy
from bisectrix.runner.difference import Difference, Mixer
from bisectrix.runner.lines import Line
from bisectrix.runner.probing import Prober
from bisectrix.runner.tools import Tools
from bisectrix.search.delta import DeltaAnswer
from bisectrix.search.question import Around, Between, Question, Task, Terms

USUAL = Terms()


@click.command()
@click.argument("name")
@click.option("--package", default="", metavar="NAME", help="Search over the releases of this package.")
@click.option("--dates", default="", metavar="FROM..TO", help="Search over days: what the index offered on each.")
@click.option("--pythons", is_flag=True, help="Search over the Pythons found.")
@click.option("--good", default="", metavar="VALUE", help="A value that is known to be good; needs --bad.")
@click.option("--bad", default="", metavar="VALUE", help="A value that is known to show the bug.  [default: find one]")
@click.option("--within", default="", metavar="RANGE", help="Only these releases, such as '>=4,<10'.")
@click.option("--pre", is_flag=True, help="Pre-releases too.")
@click.option("--python", "python", default="", metavar="MINOR", help="Run on this Python.  [default: bisectrix' own]")
@click.option(
    "--resolution",
    type=click.Choice([str(each) for each in Resolution]),
    default=str(Resolution.HIGHEST),
    help="How the other packages are chosen.",
)
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, help="How sure to be.  [default: 0.95]")
@click.option("--deterministic", is_flag=True, help="The bug always shows: bisect plainly, verify nothing.")
@click.option("--max-runs", type=click.IntRange(min=1), default=None, metavar="N", help="Stop after so many runs.")
@click.option("--budget", default="", metavar="TIME", help="Stop after so much time in runs, such as 90s, 10m or 2h.")
@click.option("-j", "jobs", metavar="JOBS", type=click.IntRange(min=1), default=None, help="Runs at once.")
@click.option("--dry-run", is_flag=True, help="Print the plan, and stop.")
@click.option("--json", "as_json", is_flag=True, help="The record as one JSON document on standard output.")
@click.pass_obj
def bisect(
    folder: Path,
    name: str,
    package: str,
    dates: str,
    good: str,
    bad: str,
    within: str,
    python: str,
    resolution: str,
    confidence: float,
    max_runs: int | None,
    budget: str,
    jobs: int | None,
    *,
    pythons: bool,
    pre: bool,
    deterministic: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Find where the bug of a repro was introduced and where it was fixed.

    What is recorded counts and is not run again, so an interrupted search goes on where it stopped.
    """
    if [bool(package), bool(dates), pythons].count(True) != 1:
        raise UsageError("what to search over?", hint="exactly one of --package NAME, --dates FROM..TO, --pythons")
    if good and not bad:
        raise UsageError("--good needs --bad", hint="with --bad alone, both boundaries around it are searched for")
    project = find_project(folder)
    jobs = jobs or len(os.sched_getaffinity(0))
    with opened_tools(project) as tools:
        ground = ground_of(tools, name, python, Resolution(resolution))
        line = line_of(tools, ground, canonicalize_name(package), dates, within=within, pre=pre)
        task = task_of(tools, line, good=good, bad=bad)
        repro = ground.subject.repro
        terms = Terms(
            confidence=confidence,
            matched=repro.bug.is_signed,
            deterministic=deterministic,
            steady=steadiness(repro),
            max_runs=max_runs or USUAL.max_runs,
            max_s=seconds_of(budget) if budget else USUAL.max_s,
            hunt_runs=repro.attempts,
            bad_s=repro.limits.quiet_s,
        )
        _announce(line, task, terms)
        if dry_run:
            return
        _search(tools, line, task, terms, jobs, as_json=as_json)


def _search(tools: Tools, line: Line, task: Task | None, terms: Terms, jobs: int, *, as_json: bool) -> None:
    run_id = tools.store.begin_run(command=shlex.join(("bisectrix", *sys.argv[1:])), started_at=tools.now())
    runner = CellRunner(tools, run_id, policy=Policy(), jobs=jobs, observe=lambda _: None, cancelled=tools.cancelled)
    prober = Prober(runner, line, line.values[task.bad] if isinstance(task, Between | Around) else "")
    anchor = prober.prepare()
    if isinstance(anchor, Unavailable):
        raise UsageError(f"the repro itself cannot be run: {anchor.explanation}", hint=anchor.remedy)
    question = Question(size=len(line.values), task=task or from_lock(line, anchor.lock))
    bisection = Bisection(prober, question, terms, workers=jobs, tell=ProbeLines(line))
    outcome = bisection.run(tools.cancelled)
    if outcome.answer is None:
        click.echo("interrupted: what was run is recorded; the same command goes on from there", err=True)
        raise SystemExit(ExitCode.INTERRUPTED)

    def separate(mixer: Mixer) -> DeltaAnswer | None:
        return Difference(runner, mixer, terms, workers=jobs, tell=DeltaLines(mixer.movers)).run(tools.cancelled).answer

    record = conclusion(tools, prober, line, outcome, separate)
    tools.store.end_run(run_id, ended_at=tools.now())
    bisections.save(tools.project.results / "bisections", record)
    tools.pool.prune(pool_bytes(os.environ))
    written = write_findings(tools.project, tools.store)
    if as_json:
        click.echo(RECORD.dump_json(record).decode())
    else:
        for paragraph in paragraphs(record):
            click.echo(paragraph)
    for path in written:
        click.echo(f"wrote {path}", err=True)


def _announce(line: Line, task: Task | None, terms: Terms) -> None:
    """Say what will be searched, and what it will cost at least and probably."""
    count = len(line.values)
    changes = 1 if isinstance(task, Between) else 2
    least = ceil(changes * log2(max(count, 2)))
    probably = least + 3 * changes
    seconds = probably * (terms.good_s + terms.bad_s + terms.build_s) / 2
    click.echo(
        f"{counted(count, 'value')} of {line.axis}, {line.values[0]} to {line.values[-1]}, "
        f"{len(line.dropped)} left out; at least {least} runs, probably about {probably}, "
        f"about {duration_text(seconds)}",
        err=True,
    )
    for reason, values in _by_reason(line.dropped).items():
        click.echo(f"  left out, {reason}: {', '.join(values)}", err=True)


def _by_reason(dropped: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for value, reason in dropped:
        values.setdefault(reason, []).append(value)
    return values
