"""`bisectrix diagnose`: what is known of a failure, from a log, a JUnit file or a record."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from bisectrix.cli.assembly import store_path
from bisectrix.cli.flow_run import flow_run_text, is_flow_run
from bisectrix.cli.rules import rules_of
from bisectrix.cli.show import attempt_material, find_cell, recorded_results
from bisectrix.diagnose.matching import Match, diagnose, is_known
from bisectrix.diagnose.material import Line, Material, of_text
from bisectrix.diagnose.reading import read as read_text
from bisectrix.diagnose.rule import Rule
from bisectrix.errors import ExitCode, UsageError
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import Outcome
from bisectrix.project import Project, find_project
from bisectrix.record.blobs import Blobs
from bisectrix.record.store import Store

STANDARD_INPUT = "-"
MOST_SEEN = 6


@click.command("diagnose")
@click.argument("inputs", nargs=-1, metavar="[FILE|-|NAME[@CELL]|URL]...")
@click.option("--rules", "more", multiple=True, type=click.Path(path_type=Path), help="A file with more rules.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def diagnose_command(folder: Path, inputs: tuple[str, ...], more: tuple[Path, ...], *, as_json: bool) -> None:
    """Name what is known of a failure: what it means, its causes, how to confirm it, what to do.

    Reads logs, tracebacks, JUnit XML, JSON, records, standard input, and a flow run of a Prefect API by its URL; exits
    with 1 when no signature is known.
    """
    project = _project(folder)
    rules = rules_of(project, more)
    materials = [material for one in inputs or (STANDARD_INPUT,) for material in _materials(one, project)]
    found = [match for material in materials for match in diagnose(rules, material)]
    if as_json:
        click.echo(json.dumps(_document(materials, found), ensure_ascii=False))
    else:
        for line in _lines(materials, found):
            click.echo(line)
    if not is_known(found):
        raise SystemExit(ExitCode.DIFFERS)


def _project(folder: Path) -> Project | None:
    try:
        return find_project(folder)
    except UsageError:
        return None


def _materials(name: str, project: Project | None) -> Sequence[Material]:
    if name == STANDARD_INPUT:
        given: bytes = sys.stdin.buffer.read()
        return read_text(given.decode("utf-8", "replace"), "standard input")
    if Path(name).is_file():
        return read_text(_text(Path(name)), name)
    if is_flow_run(name):
        return (of_text(flow_run_text(name), "flow run"),)
    if project and _names_repro(name, project):
        return _recorded(name, project)
    raise UsageError(
        "neither a file, nor a recorded cell, nor a flow run",
        place=name,
        hint="bisectrix show NAME lists the recorded cells of a repro",
    )


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", place=str(file)) from None


def _names_repro(name: str, project: Project) -> bool:
    return name.partition("@")[0] in project.repro_names()


def _recorded(name: str, project: Project) -> tuple[Material, ...]:
    with Store.open(store_path(project)) as store:
        results = recorded_results(project, store)
    repro, has_cell, _ = name.partition("@")
    chosen = [find_cell(name, results)] if has_cell else [one for one in results if one.cell.repro == repro]
    if not chosen:
        raise UsageError(f"nothing is recorded of {name}", hint=f"bisectrix run {name}")
    blobs = Blobs(project.results / "evidence")
    return tuple(material for result in chosen for material in _of_result(result, blobs))


def _of_result(result: CellResult, blobs: Blobs) -> Iterator[Material]:
    if isinstance(result.state, Ran):
        for attempt in result.state.attempts:
            if attempt.outcome is not Outcome.PASS:
                yield attempt_material(result, attempt, blobs)


def _lines(materials: Sequence[Material], found: Sequence[Match]) -> Iterator[str]:
    by_rule: dict[str, list[Match]] = {}
    for match in found:
        by_rule.setdefault(match.rule.id, []).append(match)
    for matches in by_rule.values():
        yield from _told(matches[0].rule, [line for match in matches for line in match.seen])
        yield ""
    known = {match.name for match in found if is_known([match])}
    unknown = [material.name for material in materials if material.name not in known]
    if not materials:
        yield "nothing failed: there is nothing to diagnose"
    for name in dict.fromkeys(unknown):
        yield f"{name}: no known signature"


def _told(rule: Rule, seen: Sequence[Line]) -> Iterator[str]:
    yield f"{rule.title} [{rule.id}, {rule.weight}]"
    yield "  seen:"
    yield from (f"    {line.place}: {line.text.strip()}" for line in seen[:MOST_SEEN])
    if len(seen) > MOST_SEEN:
        yield f"    and {len(seen) - MOST_SEEN} more"
    yield f"  means: {' '.join(rule.means.split())}"
    if rule.differs:
        yield "  not to be taken for:"
        yield from (f"    {one.look_alike}: {one.by}" for one in rule.differs)
    yield "  likely causes, the likeliest first:"
    yield from (f"    {number}. {cause}" for number, cause in enumerate(rule.causes, 1))
    yield "  to confirm:"
    yield from (f"    {command}" for command in rule.confirm)
    yield "  what to do:"
    yield from (f"    - {remedy}" for remedy in rule.remedies)
    if rule.versions:
        yield f"  releases: {' '.join(rule.versions.split())}"
    yield from (f"  more: {more}" for more in (*rule.links, rule.page) if more)


def _document(materials: Sequence[Material], found: Sequence[Match]) -> dict[str, Any]:
    return {
        "known": is_known(found),
        "inputs": [material.name for material in materials],
        "matches": [_match_document(match) for match in found],
    }


def _match_document(match: Match) -> dict[str, Any]:
    rule = match.rule
    return {
        "input": match.name,
        "rule": rule.id,
        "title": rule.title,
        "weight": rule.weight,
        "seen": [{"place": line.place, "text": line.text} for line in match.seen],
        "means": rule.means,
        "differs": [{"from": one.look_alike, "by": one.by} for one in rule.differs],
        "causes": list(rule.causes),
        "confirm": list(rule.confirm),
        "remedies": list(rule.remedies),
        "versions": rule.versions,
        "links": list(rule.links),
        "page": rule.page,
    }
