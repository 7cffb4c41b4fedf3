"""`bisectrix show`: one cell with its attempts and their evidence, or the cells of a repro."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from pathlib import Path

import click

from bisectrix.cli.assembly import store_path
from bisectrix.cli.rules import rules_of
from bisectrix.cli.words import cell_words, containment_words, result_json, verdict_words
from bisectrix.diagnose.matching import diagnose
from bisectrix.diagnose.material import Material, of_attempt
from bisectrix.diagnose.rule import Rule
from bisectrix.errors import UsageError
from bisectrix.model.attempt import OBJECT, Attempt, Blocked, Frame, TestResult
from bisectrix.model.environment import Unavailable
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import EvidenceKind, Outcome, TestOutcome
from bisectrix.project import Project, find_project
from bisectrix.record.blobs import Blobs
from bisectrix.record.published import combined, load
from bisectrix.record.store import Store

TAIL_LINES = 20

OUTPUT = (EvidenceKind.STDOUT, EvidenceKind.STDERR)
"""What the program itself said."""


@click.command()
@click.argument("cell", metavar="NAME[@CELL]")
@click.option("-a", "--attempt", "number", type=click.IntRange(min=1), default=None, help="Only this attempt.")
@click.option(
    "--evidence",
    "kind",
    type=click.Choice([str(kind) for kind in EvidenceKind]),
    help="Print this file of evidence whole, of the attempt named or of the first that has one.",
)
@click.option("--json", "as_json", is_flag=True, help="The record as one JSON document on standard output.")
@click.pass_obj
def show(folder: Path, cell: str, number: int | None, kind: str | None, *, as_json: bool) -> None:
    """Show what is recorded of a cell: attempts, where it waits, stacks, tasks, output.

    NAME alone lists the recorded cells of a repro.
    """
    project = find_project(folder)
    with Store.open(store_path(project)) as store:
        results = recorded_results(project, store)
    if "@" not in cell:
        _list(project, cell, results)
        return
    result = find_cell(cell, results)
    if as_json:
        click.echo(json.dumps(result_json(result), ensure_ascii=False))
        return
    blobs = Blobs(project.results / "evidence")
    attempts = chosen_attempts(result, number)
    if kind is not None:
        click.echo(_evidence(attempts, EvidenceKind(kind), blobs), nl=False)
        return
    _print(result, attempts, blobs, rules_of(project))


def _list(project: Project, name: str, results: tuple[CellResult, ...]) -> None:
    project.repro(name)
    mine = [result for result in results if result.cell.repro == name]
    if not mine:
        raise UsageError(f"nothing is recorded of {name}", hint=f"bisectrix run {name}")
    width = max(len(result.cell.name) for result in mine)
    for result in mine:
        click.echo(f"{result.cell.name:<{width}}  {cell_words(result)}  {verdict_words(result)}")


def recorded_results(project: Project, store: Store) -> tuple[CellResult, ...]:
    """Return what is known of each cell: on this machine, else in the published records."""
    return combined(store.results(), load(project.results / "records"))


def find_cell(name: str, results: tuple[CellResult, ...]) -> CellResult:
    """Return the result of the cell that a person names, coordinates in any order.

    Raises:
        UsageError: nothing is recorded of it.
    """
    repro, _, coordinates = name.partition("@")
    wanted = f"{repro}@{','.join(sorted(coordinates.split(',')))}"
    by_name = {result.cell.name: result for result in results}
    if wanted in by_name:
        return by_name[wanted]
    near = difflib.get_close_matches(wanted, by_name, n=1)
    hint = f"did you mean {near[0]}?" if near else f"bisectrix show {repro} lists what is recorded"
    raise UsageError(f"nothing is recorded of {name}", hint=hint)


def chosen_attempts(result: CellResult, number: int | None) -> tuple[Attempt, ...]:
    """Return the attempts of a cell, or the one of this number.

    Raises:
        UsageError: it has no such attempt.
    """
    attempts = result.state.attempts if isinstance(result.state, Ran) else ()
    if number is None:
        return attempts
    chosen = tuple(attempt for attempt in attempts if attempt.number == number)
    if not chosen:
        raise UsageError(f"{result.cell.name} has no attempt {number}", hint=f"it has {len(attempts)}")
    return chosen


def _evidence(attempts: tuple[Attempt, ...], kind: EvidenceKind, blobs: Blobs) -> str:
    for attempt in attempts:
        for evidence in attempt.evidence:
            if evidence.kind is kind:
                return blobs.text(evidence.sha256)
    kinds = sorted({str(evidence.kind) for attempt in attempts for evidence in attempt.evidence})
    raise UsageError(f"no {kind} was recorded", hint=f"recorded: {', '.join(kinds) or 'nothing'}")


def _print(result: CellResult, attempts: tuple[Attempt, ...], blobs: Blobs, rules: tuple[Rule, ...]) -> None:
    click.echo(f"{result.cell.name}: {cell_words(result)}, {verdict_words(result)}")
    match result.state:
        case Unavailable(explanation=explanation, remedy=remedy):
            click.echo(f"\n{explanation}")
            if remedy:
                click.echo(f"remedy: {remedy}")
        case Ran(python=python, platform=platform, lock_sha256=lock, packages=packages):
            click.echo(f"python {python} on {platform}, lock {lock[:12]}")
            click.echo("packages " + ", ".join(f"{name} {version}" for name, version in packages))
    _print_flaky_tests(attempts)
    for attempt in attempts:
        _print_attempt(attempt, blobs)
        if attempt.outcome is not Outcome.PASS:
            _print_diagnosis(attempt_material(result, attempt, blobs), rules)


def _print_flaky_tests(attempts: tuple[Attempt, ...]) -> None:
    """Say of each test that did not always do the same how often it did what: `fail 3 of 10, pass 7 of 10`."""
    seen: dict[str, Counter[TestOutcome]] = {}
    for test in (test for attempt in attempts for test in attempt.tests):
        seen.setdefault(test.nodeid, Counter())[test.outcome] += 1
    for nodeid, counted in seen.items():
        if len(counted) > 1:
            told = ", ".join(f"{word} {counted[word]} of {counted.total()}" for word in TestOutcome if word in counted)
            click.echo(f"flaky {nodeid}: {told}")


def _print_attempt(attempt: Attempt, blobs: Blobs) -> None:
    click.echo(f"\nattempt {attempt.number}: {attempt.summary}")
    click.echo(
        f"  {attempt.duration_s:.1f} s, {attempt.cpu_s:.1f} s of CPU, {attempt.peak_memory_mib:.0f} MiB,"
        f" {attempt.load} at once, {attempt.started_at}"
    )
    if attempt.contained:
        click.echo(f"  held by {containment_words(attempt.contained)}")
        for unmet in attempt.contained.unmet:
            click.echo(f"  not done: {unmet}")
    if isinstance(attempt.ending, Blocked) and attempt.ending.lacks:
        click.echo(f"  not proved: {attempt.ending.lacks}")
    for leftover in attempt.leaked:
        what = "left behind" if leftover.startswith(OBJECT) else "left alive and ended by us"
        click.echo(f"  {what}: {leftover.removeprefix(OBJECT)}")
    if attempt.printed:
        click.echo(f"  last printed: {attempt.printed}")
    if attempt.chain:
        click.echo("  where:")
        for frame in attempt.chain:
            click.echo(f"    {frame_words(frame)}")
    for test in attempt.tests:
        _print_test(test)
    for evidence in attempt.evidence:
        _print_evidence(evidence.kind, evidence.sha256, evidence.size_bytes, blobs)


def attempt_material(result: CellResult, attempt: Attempt, blobs: Blobs) -> Material:
    """Take what is recorded of an attempt, with what it printed where that is on this machine."""
    output = {
        evidence.kind: blobs.text(evidence.sha256)
        for evidence in attempt.evidence
        if evidence.kind in OUTPUT and blobs.has(evidence.sha256)
    }
    return of_attempt(attempt, f"{result.cell.name} attempt {attempt.number}", output)


def _print_diagnosis(material: Material, rules: tuple[Rule, ...]) -> None:
    matches = diagnose(rules, material)
    for match in matches:
        page = f", see {match.rule.page}" if match.rule.page else ""
        click.echo(f"  {match.rule.weight}: {match.rule.title} [{match.rule.id}]{page}")
    if not matches:
        click.echo("  no known signature")


def frame_words(frame: Frame) -> str:
    """`vcr/stubs/httpcore_stubs.py:133 _vcr_handle_async_request`."""
    return f"{frame.file}:{frame.line} {frame.function}"


def _print_test(test: TestResult) -> None:
    message = f"  {test.message.splitlines()[0]}" if test.message else ""
    click.echo(f"  {test.outcome:<7} {test.nodeid}{message}")
    if test.outcome is TestOutcome.HANG:
        for chain in test.chains[:1]:
            for frame in chain.frames[-3:]:
                click.echo(f"            {frame_words(frame)}")


def _print_evidence(kind: EvidenceKind, sha256: str, size_bytes: int, blobs: Blobs) -> None:
    if not blobs.has(sha256):
        click.echo(f"  {kind}: {size_bytes} bytes, not on this machine ({sha256[:12]})")
        return
    lines = blobs.text(sha256).splitlines()
    from_top = kind is EvidenceKind.WAITS
    shortened = (
        f", {'first' if from_top else 'last'} {TAIL_LINES} of {len(lines)} lines" if len(lines) > TAIL_LINES else ""
    )
    click.echo(f"  {kind} ({sha256[:12]}{shortened}):")
    for line in lines[:TAIL_LINES] if from_top else lines[-TAIL_LINES:]:
        click.echo(f"    | {line}")
