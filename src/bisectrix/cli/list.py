"""`bisectrix list`: repros, their matrices, and on request their cells."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from bisectrix.cli.assembly import cache_folder, current_python
from bisectrix.cli.columns import columns
from bisectrix.environments.interpreters import find_interpreters
from bisectrix.model.matrix import Axis, Matrix, OpenAxis
from bisectrix.model.repro import Repro
from bisectrix.project import Project, find_project
from bisectrix.record.locks import LockBook
from bisectrix.resolve.settings import IndexSettings
from bisectrix.runner.opening import AxisOpener
from bisectrix.runner.planning import Pick, Wish, matrices_of, plan


@click.command("list")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--cells", is_flag=True, help="Print the names of all cells instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def list_command(folder: Path, names: tuple[str, ...], *, cells: bool, as_json: bool) -> None:
    """List repros with the matrices they run over."""
    project = find_project(folder)
    if cells:
        for name in _cell_names(project, names):
            click.echo(name)
        return
    repros = [project.repro(name) for name in names or project.repro_names()]
    matrices = {repro.name: matrices_of(project, repro) for repro in repros}
    if as_json:
        click.echo(json.dumps([_document(repro, matrices[repro.name]) for repro in repros], ensure_ascii=False))
        return
    _print(repros, matrices)


def _cell_names(project: Project, names: tuple[str, ...]) -> list[str]:
    settings = IndexSettings.discover(os.environ)
    opener = AxisOpener(
        interpreters=find_interpreters(os.environ, cache=cache_folder()),
        locks=LockBook(project.results / "locks"),
        settings=settings,
        current_python=current_python(),
    )
    wish = Wish(names=names, matrix="", pick=Pick.ALL, selection=None, attempts=0)
    return [cell.cell.name for cell in plan(project, wish, opener).cells]


def _document(repro: Repro, matrices: tuple[Matrix, ...]) -> dict[str, Any]:
    return {
        "name": repro.name,
        "title": repro.title,
        "bug": repro.bug.kind,
        "matrices": [
            {"name": matrix.name, "title": matrix.title, "set": matrix.set, "axes": list(map(axis_words, matrix.axes))}
            for matrix in matrices
        ],
    }


def axis_words(axis: Axis | OpenAxis) -> str:
    """`vcrpy: 6 values` or `python: >=3.9`."""
    match axis:
        case Axis(values=(single,)):
            return f"{axis.name}: {single}"
        case Axis():
            return f"{axis.name}: {len(axis.values)} values"
        case OpenAxis():
            return f"{axis.name}: {axis.specifier}"


def _print(repros: list[Repro], matrices: dict[str, tuple[Matrix, ...]]) -> None:
    rows = [("repro", "bug", "matrix", "set", "axes")]
    for repro in repros:
        for number, matrix in enumerate(matrices[repro.name]):
            name, bug = (repro.name, repro.bug.kind) if number == 0 else ("", "")
            rows.append((name, bug, matrix.name, matrix.set, "; ".join(map(axis_words, matrix.axes))))
    for line in columns(rows):
        click.echo(line)
