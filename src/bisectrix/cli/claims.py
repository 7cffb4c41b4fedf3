"""`bisectrix claims`: what was said about each bug, and what the records make of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bisectrix.cli.assembly import store_path
from bisectrix.cli.findings import subjects_of
from bisectrix.judge.claims import Settled
from bisectrix.project import find_project
from bisectrix.record.store import Store
from bisectrix.report.claims import claim_commands, seen_words, settled_claims, status_counts, status_words
from bisectrix.report.findings import Subject, evidence_of


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def claims(folder: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """Say which claims about a bug the records verify or refute; nothing is run."""
    project = find_project(folder)
    with Store.open(store_path(project)) as store:
        subjects = [subject for subject in subjects_of(project, store, names) if subject.repro.claims or names]
    if as_json:
        click.echo(json.dumps([_document(subject) for subject in subjects], ensure_ascii=False))
        return
    for subject in subjects:
        for line in _lines(subject):
            click.echo(line)
    if not subjects:
        click.echo("no repro has claims; docs/writing-a-repro.md shows how to write one", err=True)


def _lines(subject: Subject) -> Iterator[str]:
    settled = settled_claims(subject.repro, evidence_of(subject))
    yield f"{subject.repro.name}: {status_counts(settled) or 'no claims'}"
    for one in settled:
        yield f"\n  {one.claim.id}: {status_words(one)}"
        yield f"    {one.claim.kind}: {one.claim.says}"
        yield from (f"    - {words}" for words in seen_words(one))
        yield from (f"    $ {command}" for command in _commands(subject, one))
    yield ""


def _commands(subject: Subject, settled: Settled) -> list[str]:
    return list(dict.fromkeys(claim_commands(settled, subject.repro, subject.matrices)))


def _document(subject: Subject) -> dict[str, Any]:
    settled = settled_claims(subject.repro, evidence_of(subject))
    return {
        "repro": subject.repro.name,
        "claims": [
            {
                "id": one.claim.id,
                "kind": one.claim.kind,
                "says": one.claim.says,
                "source": one.claim.source,
                "status": one.status,
                "vacuous": one.vacuous,
                "seen": list(seen_words(one)),
                "commands": _commands(subject, one),
            }
            for one in settled
        ],
    }
