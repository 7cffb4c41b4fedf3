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
from rich.console import Console

from bisectrix.cli.assembly import opened_tools
from bisectrix.cli.bisect_commits import Clone, with_commits
from bisectrix.cli.bisect_question import (
    axis_line,
    face_of,
    ground_of,
    line_of,
    seconds_of,
    start_of,
    steadiness,
    task_of,
)
from bisectrix.cli.bisect_result import conclusion, paragraphs
from bisectrix.cli.live_search import LiveSearch
from bisectrix.cli.probes import DeltaLines, ProbeLines
from bisectrix.cli.searching import check_page, tell
from bisectrix.cli.words import counted
from bisectrix.errors import ExitCode, UsageError
from bisectrix.matrix.estimate import duration_text
from bisectrix.model.bisection import BisectionRecord
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import AxisKind, Resolution
from bisectrix.project import find_project
from bisectrix.record import bisections
from bisectrix.record.bisections import RECORD
from bisectrix.runner.bisection import Bisection, Outcome
from bisectrix.runner.cell import CellRunner, Policy
from bisectrix.runner.commit_line import CommitLine
from bisectrix.runner.difference import Difference, Mixer
from bisectrix.runner.lines import Line
from bisectrix.runner.probing import Prober
from bisectrix.runner.tools import Tools
from bisectrix.runner.work import Work
from bisectrix.search.delta import DeltaAnswer
from bisectrix.search.question import Around, Between, Question, Task, Terms

USUAL = Terms()
VERIFYING = 2
"""Runs that most searches spend on being sure."""


@click.command()
@click.argument("name")
@click.option("--package", default="", metavar="NAME", help="Search over the releases of this package.")
@click.option("--dates", default="", metavar="FROM..TO", help="Search over days: what the index offered on each.")
@click.option("--pythons", is_flag=True, help="Search over the Pythons found.")
@click.option("--axis", default="", metavar="NAME", help="Search along any axis of a matrix.")
@click.option("-m", "--matrix", default="", metavar="MATRIX", help="With --axis: of this matrix.  [default: the first]")
@click.option("-k", "expression", default="", metavar="EXPR", help="With --axis: only cells that match.")
@click.option(
    "--git", default="", metavar="ADDRESS", help="With --package: go on to the commit, in this repository or folder."
)
@click.option("--good", default="", metavar="VALUE", help="A value that is known to be good; needs --bad.")
@click.option("--bad", default="", metavar="VALUE", help="A value that is known to show the bug.  [default: find one]")
@click.option(
    "--shows", default="", metavar="REGEX", help="Only this face of the bug; a run that shows another counts as good."
)
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
    axis: str,
    matrix: str,
    expression: str,
    git: str,
    good: str,
    bad: str,
    shows: str,
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
    if [bool(package), bool(dates), bool(axis), pythons].count(True) != 1:
        hint = "exactly one of --package NAME, --dates FROM..TO, --pythons, --axis NAME"
        raise UsageError("what to search over?", hint=hint)
    if good and not bad:
        raise UsageError("--good needs --bad", hint="with --bad alone, both boundaries around it are searched for")
    if git and not package:
        raise UsageError("--git needs --package", hint="commits are searched between two releases of a package")
    if (matrix or expression) and not axis:
        raise UsageError("-m and -k need --axis", hint="they choose cells of a matrix")
    if axis and (python or within or pre):
        raise UsageError("--axis takes the cells of a matrix as they are", hint="choose among them with -k")
    project = find_project(folder)
    jobs = jobs or len(os.sched_getaffinity(0))
    clone = Clone.opened(git) if git else None
    with opened_tools(project) as tools:
        if axis:
            line: Line = axis_line(tools, name, axis, matrix, expression)
        else:
            ground = ground_of(tools, name, python, Resolution(resolution))
            line = line_of(tools, ground, canonicalize_name(package), dates, within=within, pre=pre)
        task = task_of(tools, line, good=good, bad=bad, face=face_of(shows))
        repro = line.ground.subject.repro
        check_page(project, repro)
        terms = Terms(
            confidence=confidence,
            matched=repro.bug.is_signed or bool(shows),
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
        record = _searched(tools, line, task, terms, jobs, clone, shows=shows, as_json=as_json)
        bisections.save(tools.project.results / "bisections", record)
        tell(tools, RECORD.dump_json(record).decode() if as_json else "\n".join(paragraphs(record)))


def _searched(
    tools: Tools,
    line: Line,
    task: Task | None,
    terms: Terms,
    jobs: int,
    clone: Clone | None,
    *,
    shows: str,
    as_json: bool,
) -> BisectionRecord:
    """Run the search, and those that its boundaries ask for."""
    console = Console(stderr=True)
    run_id = tools.store.begin_run(command=shlex.join(("bisectrix", *sys.argv[1:])), started_at=tools.now())
    runner = CellRunner(tools, run_id, policy=Policy(), jobs=jobs, observe=lambda _: None, cancelled=tools.cancelled)
    anchored_at = line.values[task.bad] if isinstance(task, Between | Around) else ""
    prober = Prober(runner, line, anchored_at, shows=shows)
    anchor = prober.prepare()
    if isinstance(anchor, Unavailable) and line.kind is AxisKind.PACKAGE:
        raise UsageError(f"the repro itself cannot be run: {anchor.explanation}", hint=anchor.remedy)

    def look(prober: Prober, along: Line, task: Task, terms: Terms = terms) -> Outcome:
        question = Question(size=len(along.values), task=task)
        watcher = LiveSearch(console, along, jobs) if console.is_terminal and not as_json else ProbeLines(along)
        with watcher.watching():
            outcome = Bisection(prober, question, terms, workers=jobs, watcher=watcher).run(tools.cancelled)
        if outcome.answer is None:
            click.echo("interrupted: what was run is recorded; the same command goes on from there", err=True)
            raise SystemExit(ExitCode.INTERRUPTED)
        return outcome

    def look_at_commits(commits: CommitLine, ends: Between, rate: float) -> Outcome:
        return look(prober.along(commits), commits, ends, terms.knowing(rate))

    def separate(mixer: Mixer) -> DeltaAnswer | None:
        return Difference(runner, mixer, terms, workers=jobs, tell=DeltaLines(mixer.movers)).run(tools.cancelled).answer

    outcome = look(prober, line, task or start_of(line, anchor.lock.packages if isinstance(anchor, Work) else ()))
    record = conclusion(tools, prober, line, outcome, terms.confidence, separate, shows=shows)
    if clone:
        record = with_commits(record, line, clone, look_at_commits)
    tools.store.end_run(run_id, ended_at=tools.now())
    return record


def _announce(line: Line, task: Task | None, terms: Terms) -> None:
    """Say what will be searched, and about what it will cost where the bug always shows."""
    count = len(line.values)
    changes = 1 if isinstance(task, Between) else 2
    runs = ceil(changes * log2(max(count, 2))) + VERIFYING
    seconds = runs * (terms.good_s + terms.bad_s + terms.build_s) / 2
    click.echo(
        f"{counted(count, 'value')} of {line.axis}, {line.values[0]} to {line.values[-1]}, "
        f"{len(line.dropped)} left out; about {runs} runs and {duration_text(seconds)}, "
        f"more if the bug does not always show",
        err=True,
    )
    for reason, values in _by_reason(line.dropped).items():
        click.echo(f"  left out, {reason}: {', '.join(values)}", err=True)


def _by_reason(dropped: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for value, reason in dropped:
        values.setdefault(reason, []).append(value)
    return values
