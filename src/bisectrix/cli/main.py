"""The program: its commands, and how every error ends."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import click

from bisectrix import __version__
from bisectrix.cli.git_bisect import without_answer
from bisectrix.cli.lazy import LazyGroup
from bisectrix.errors import BisectrixError, ExitCode


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bisectrix")
@click.option(
    "-C",
    "--project",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to look for `repros/` in, and above.  [default: this one]",
)
@click.option("--debug", is_flag=True, help="Show a traceback where something unforeseen happens.")
@click.pass_context
def cli(context: click.Context, folder: Path, *, debug: bool) -> None:
    """Run repros over dependency and Python matrices, tell a hang from a failure, name the versions."""
    del debug  # read by main, which sees what is raised
    context.obj = folder.resolve()


def main() -> NoReturn:
    """Run the program and exit with a documented code; nothing a user does ends in a traceback."""
    debug = "--debug" in sys.argv
    try:
        cli.main(prog_name="bisectrix", standalone_mode=False)
        code = int(ExitCode.DONE)
    except click.exceptions.Exit as ending:
        code = ending.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except BisectrixError as error:
        click.echo(f"bisectrix: {error}", err=True)
        code = int(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("bisectrix: interrupted", err=True)
        code = int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = int(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001  (the last door: a mistake of ours must not look like one of the user's)
        if debug:
            traceback.print_exc()
        click.echo(f"bisectrix: a mistake in bisectrix itself: {type(error).__name__}: {error}", err=True)
        click.echo("  hint: run the same with `bisectrix --debug ...` and report what it prints", err=True)
        code = int(ExitCode.INFRA)
    sys.exit(without_answer(code, sys.argv))
