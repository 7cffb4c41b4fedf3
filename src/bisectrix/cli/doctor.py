"""`bisectrix doctor`: is this machine ready."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict

import click

from bisectrix import doctor as checks
from bisectrix.cli.assembly import cache_folder
from bisectrix.cli.columns import columns
from bisectrix.doctor import Check, Health
from bisectrix.environments.interpreters import find_interpreters
from bisectrix.errors import BisectrixError, ExitCode
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.containment.machine import explore


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def doctor(*, as_json: bool) -> None:
    """Say what works on this machine, what is missing, and the remedy; exits with 1 if something needed is missing."""
    found = list(_checks())
    if as_json:
        click.echo(json.dumps([asdict(check) for check in found], ensure_ascii=False))
    else:
        _print(found)
    if any(check.required and check.health is Health.MISSING for check in found):
        raise SystemExit(ExitCode.DIFFERS)


def _checks() -> Iterator[Check]:
    yield checks.check_harness()
    settings = IndexSettings.discover(os.environ)
    try:
        uv = Uv.find(settings)
    except BisectrixError as error:
        yield Check(name="uv", health=Health.MISSING, found=error.message, remedy=error.hint, required=True)
    else:
        yield checks.check_uv(uv)
    yield checks.check_interpreters(find_interpreters(os.environ, cache=cache_folder()))
    yield checks.check_index(settings)
    yield checks.check_engine(cache_folder())
    yield checks.check_stacks()
    yield checks.check_ptrace()
    yield checks.check_containment(explore())
    yield checks.check_disk(cache_folder())


def _print(found: list[Check]) -> None:
    for line in columns([(check.health, check.name, check.found) for check in found]):
        click.echo(line)
    for check in found:
        if check.remedy:
            click.echo(f"\n{check.name}: {check.remedy}")
