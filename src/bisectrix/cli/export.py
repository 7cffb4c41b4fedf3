"""`bisectrix export`: a recorded cell as something to hand over."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import click

from bisectrix.cli.assembly import cache_folder, opened_tools
from bisectrix.cli.issue import issue_text
from bisectrix.cli.show import find_cell, recorded_results
from bisectrix.errors import InfraError, UsageError
from bisectrix.export.capsule import members, pyz
from bisectrix.export.container import container_folder
from bisectrix.export.script import script_folder
from bisectrix.project import find_project
from bisectrix.runner.parcels import gather, program

EXECUTABLE, READABLE = 0o755, 0o644


class Form(StrEnum):
    """What a cell can be handed over as."""

    SCRIPT = "script"
    CONTAINER = "container"
    CAPSULE = "capsule"
    ISSUE = "issue"


@click.command()
@click.argument("cell")
@click.option("--as", "form", type=click.Choice([str(form) for form in Form]), required=True, help="What to write.")
@click.option(
    "-o",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="PATH",
    help="Where to write it; must not exist.",
)
@click.option(
    "--test", default="", metavar="NODEID", help="Of a pytest repro, the test to run.  [default: the most telling]"
)
@click.option("--with-wheels", is_flag=True, help="Put the wheels beside a script, so that it needs no package index.")
@click.option("--image", default="", metavar="IMAGE", help="What a container is built from.  [default: as recorded]")
@click.pass_obj
def export(folder: Path, cell: str, form: str, target: Path, test: str, image: str, *, with_wheels: bool) -> None:
    """Write a recorded cell as a script, a container's folder, a capsule or the text of an issue.

    script: a folder with a script of inline metadata and exact pins, its lock with hashes beside it.
    container: a folder with a Containerfile, the wheels and the repro; builds and runs without network.
    capsule: one file that needs nothing but the right Python, and says whether it saw the same.
    issue: Markdown with outcomes, where it waits, versions and the repro, short enough for GitHub.
    """
    project = find_project(folder)
    if target.exists():
        raise UsageError("is there already", place=str(target), hint="name another place with -o, or remove it")
    kind = Form(form)
    with opened_tools(project) as tools:
        results = recorded_results(project, tools.store)
        fetched = with_wheels if kind is Form.SCRIPT else kind is not Form.ISSUE
        parcel = gather(tools, find_cell(cell, results), cache_folder() / "wheels", test=test, with_wheels=fetched)
        text = issue_text(tools, parcel, results) if kind is Form.ISSUE else ""
    match kind:
        case Form.SCRIPT:
            _write_folder(target, script_folder(parcel))
        case Form.CONTAINER:
            _write_folder(target, container_folder(parcel, members(parcel, program()), image))
        case Form.CAPSULE:
            _write_file(target, pyz(members(parcel, program()), parcel.minor), mode=EXECUTABLE)
        case Form.ISSUE:
            _write_file(target, text.encode(), mode=READABLE)
    click.echo(f"wrote {target}", err=True)


def _write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write all files or, where one cannot be written, none."""
    try:
        for name, content in files.items():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise InfraError(f"cannot be written: {error.strerror}", place=str(target)) from None


def _write_file(target: Path, content: bytes, *, mode: int) -> None:
    try:
        target.write_bytes(content)
        target.chmod(mode)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise InfraError(f"cannot be written: {error.strerror}", place=str(target)) from None
