"""What `bisectrix bisect` and `bisectrix delta` do alike before their first run and after their last."""

from __future__ import annotations

import os

import click

from bisectrix.cli.assembly import pool_bytes
from bisectrix.cli.findings import write_findings
from bisectrix.model.repro import Repro
from bisectrix.project import Project
from bisectrix.runner.planning import matrices_of
from bisectrix.runner.tools import Tools


def check_page(project: Project, repro: Repro) -> None:
    """See to it that the page of a repro can be written, while nothing was run for it yet.

    Raises:
        UsageError: it names a matrix that there is not.
    """
    matrices_of(project, repro)


def tell(tools: Tools, answer: str) -> None:
    """Print the answer, and write the pages that it changes; environments beyond what may be kept go first."""
    tools.prune(pool_bytes(os.environ))
    click.echo(answer)
    for path in write_findings(tools.project, tools.store):
        click.echo(f"wrote {path}", err=True)
