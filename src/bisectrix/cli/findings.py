"""`bisectrix findings`: Markdown from what is recorded, or a comparison with what is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from bisectrix.cli.assembly import store_path
from bisectrix.cli.rules import rules_of
from bisectrix.errors import ExitCode
from bisectrix.model.result import CellResult
from bisectrix.model.source import is_from_source
from bisectrix.project import Project, find_project
from bisectrix.record import bisections, deltas
from bisectrix.record.locks import LockBook
from bisectrix.record.published import load, merged, publish
from bisectrix.record.store import Store
from bisectrix.report.findings import Subject, check, overview, repro_page
from bisectrix.runner.planning import SEARCHED, matrices_of


@click.command()
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit with 1 when a page differs from the records."
)
@click.pass_obj
def findings(folder: Path, *, only_check: bool) -> None:
    """Write results/findings.md and results/NAME.md from the records."""
    project = find_project(folder)
    with Store.open(store_path(project)) as store:
        if not only_check:
            for path in write_findings(project, store):
                click.echo(f"wrote {path}", err=True)
            return
        differences = check(pages(project, store), project.results)
    for difference in differences:
        click.echo(difference)
    if differences:
        click.echo("hint: run `bisectrix findings` and commit results/", err=True)
        raise SystemExit(ExitCode.DIFFERS)
    click.echo("findings agree with the records", err=True)


def write_findings(project: Project, store: Store) -> tuple[Path, ...]:
    """Publish the records and write the pages that changed; returns the files written, relative to the project."""
    publish(project.results / "records", _of_matrices(store))
    written = []
    for name, text in pages(project, store).items():
        file = project.results / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            written.append(file.relative_to(project.root))
    return tuple(written)


def pages(project: Project, store: Store) -> dict[str, str]:
    """Return file name -> text of every page that the records support."""
    subjects = [found for found in subjects_of(project, store) if found.results or found.bisections or found.deltas]
    return {"findings.md": overview(subjects), **{f"{s.repro.name}.md": repro_page(s) for s in subjects}}


def subjects_of(project: Project, store: Store, names: Sequence[str] = ()) -> tuple[Subject, ...]:
    """Return repros, all of them unless some are named, with what is recorded of each."""
    results = merged(load(project.results / "records"), _of_matrices(store))
    locks = LockBook(project.results / "locks")
    rules = rules_of(project)
    repros = (project.repro(name) for name in names or project.repro_names())
    return tuple(
        Subject(
            repro=repro,
            matrices=matrices_of(project, repro),
            results=tuple(result for result in results if result.cell.repro == repro.name),
            resolvers=locks.resolvers(repro.name),
            bisections=bisections.load(project.results / "bisections", repro.name),
            deltas=deltas.load(project.results / "deltas", repro.name),
            rules=rules,
        )
        for repro in repros
    )


def _of_matrices(store: Store) -> tuple[CellResult, ...]:
    """Return the results that belong to a table; what a search tried on its way is told by the bisection."""
    return tuple(
        result
        for result in store.results()
        if not is_from_source(result.cell) and not result.matrix.startswith(SEARCHED)
    )
