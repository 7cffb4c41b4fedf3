"""A group whose commands are imported when they are called: `--version` need not load a container client."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """Commands by name, each as `module:attribute` of this package."""

    commands_by_name: Mapping[str, str] = {
        "run": "run:run",
        "bisect": "bisect:bisect",
        "delta": "delta:delta",
        "list": "list:list_command",
        "show": "show:show",
        "diagnose": "diagnose:diagnose_command",
        "claims": "claims:claims",
        "replay": "replay:replay",
        "export": "export:export",
        "findings": "findings:findings",
        "doctor": "doctor:doctor",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which help shows them."""
        del ctx
        return list(self.commands_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is none of this name."""
        del ctx
        if cmd_name not in self.commands_by_name:
            return None
        module, _, attribute = self.commands_by_name[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"bisectrix.cli.{module}"), attribute)
        return command
