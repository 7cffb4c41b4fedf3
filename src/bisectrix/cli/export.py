"""`bisectrix export`: a recorded cell as something to hand over."""

from __future__ import annotations

import os
import tempfile
from enum import StrEnum
from pathlib import Path

import click

from bisectrix.cli.assembly import cache_folder, opened_tools
from bisectrix.cli.issue import issue_text
from bisectrix.cli.show import find_cell, recorded_results
from bisectrix.cli.writing import EXECUTABLE, READABLE, write_archive, write_file, write_folder
from bisectrix.errors import UsageError
from bisectrix.export.bundle import CAPSULE, RUN, run_script, write_bundle
from bisectrix.export.capsule import members, pyz
from bisectrix.export.container import container_folder
from bisectrix.export.parcel import Parcel
from bisectrix.export.script import script_folder
from bisectrix.project import find_project
from bisectrix.runner.parcels import gather, program

ARCHIVE = ".tar.zst"


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
@click.option(
    "--with-image", is_flag=True, help="Put a capsule and an image into one archive for an engine that has nothing."
)
@click.option("--image", default="", metavar="IMAGE", help="Run in this image.  [default: the one recorded]")
@click.pass_obj
def export(
    folder: Path, cell: str, form: str, target: Path, test: str, image: str, *, with_wheels: bool, with_image: bool
) -> None:
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
    if with_image:
        _check_bundle(kind, target)
    with opened_tools(project) as tools:
        results = recorded_results(project, tools.store)
        fetched = with_wheels if kind is Form.SCRIPT else kind is not Form.ISSUE
        parcel = gather(tools, find_cell(cell, results), cache_folder() / "wheels", test=test, with_wheels=fetched)
        text = issue_text(tools, parcel, results) if kind is Form.ISSUE else ""
    match kind:
        case Form.SCRIPT:
            write_folder(target, script_folder(parcel))
        case Form.CONTAINER:
            write_folder(target, container_folder(parcel, members(parcel, program()), image))
        case Form.CAPSULE if with_image:
            _write_bundle(target, parcel, image)
        case Form.CAPSULE:
            write_file(target, _capsule(parcel), mode=EXECUTABLE)
        case Form.ISSUE:
            write_file(target, text.encode(), mode=READABLE)
    click.echo(f"wrote {target}", err=True)


def _capsule(parcel: Parcel) -> bytes:
    return pyz(members(parcel, program()), parcel.minor)


def _check_bundle(kind: Form, target: Path) -> None:
    if kind is not Form.CAPSULE:
        raise UsageError("--with-image is for --as capsule", hint="a container's folder names its image, see --image")
    if not target.name.endswith(ARCHIVE):
        raise UsageError(f"a capsule with its image is a {ARCHIVE} file", place=str(target), hint=f"-o NAME{ARCHIVE}")


def _write_bundle(target: Path, parcel: Parcel, image: str) -> None:
    """Write capsule, image and what runs them; the engine is asked before anything is written."""
    chosen = image or parcel.state.image_id
    if not chosen:
        raise UsageError(
            "this cell ran on the host, so its record names no image",
            place=parcel.cell,
            hint=f"name one with Python {parcel.minor} that the engine has: --image NAME",
        )
    from bisectrix.images.loading import connect  # noqa: PLC0415  (the client costs 0.3 s that only this needs)
    from bisectrix.images.saving import save  # noqa: PLC0415

    files = {CAPSULE: _capsule(parcel), RUN: run_script(parcel)}
    with tempfile.TemporaryFile() as saved:
        save(connect(os.environ), chosen, saved)
        size_bytes = saved.tell()
        saved.seek(0)
        write_archive(target, lambda stream: write_bundle(stream, files, saved, size_bytes))
