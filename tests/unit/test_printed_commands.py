"""Every command that the program or its documentation prints is one that it understands."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bisectrix.cli.main import cli

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "bisectrix").rglob("*.py"))
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "results").glob("*.md")])

COMMAND = re.compile(r"(?:bisectrix|nox -s) [a-z][^`\n;|#]*")
SESSIONS = {
    "matrix": "run",
    "bisect": "bisect",
    "delta": "delta",
    "replay": "replay",
    "export": "export",
    "findings": "findings",
}
OTHER_SESSIONS = {"tests", "lint", "typing", "bench", "repro"}


def texts(file: Path) -> Iterator[str]:
    """Yield the strings of a module, fields of f-strings filled with a word."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{...}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def quoted_commands(text: str) -> Iterator[str]:
    """Yield what stands between backticks, or fills a line of a code block, and is a command of ours."""
    blocks = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    for command in (*lines, *re.findall(r"`([^`\n]+)`", text)):
        if COMMAND.match(command) and "..." not in command:
            yield command.partition("  #")[0]


def hints(text: str) -> Iterator[str]:
    """Yield the commands that a hint of the program names."""
    for found in COMMAND.findall(text):
        if found.split()[0] == "nox" or found.split()[1] in cli.list_commands(click.Context(cli)):
            yield re.split(r" (?:says|shows|lists|runs|and|writes)\b|[,:]| \(", found)[0].rstrip(" .")


def parse(command: str) -> None:
    words = shlex.split(command.replace("{...}", "1"))
    if words[0] == "nox":
        session = words[2].partition("(")[0]
        if session in OTHER_SESSIONS:
            return
        assert session in SESSIONS, command
        name, arguments = SESSIONS[session], words[4:] if "--" in words else []
    else:
        name, arguments = words[1], words[2:]
    context = click.Context(cli)
    found = cli.get_command(context, name)
    assert found is not None, command
    if arguments:
        found.make_context(name, arguments, parent=context)


FROM_SOURCE = sorted(
    {command for file in SOURCES for text in texts(file) for command in hints(text) if "{...} {...}" not in command}
)
FROM_RECORDS = sorted(
    {
        command
        for file in (ROOT / "results" / "bisections").glob("*.json")
        for command in json.loads(file.read_text(encoding="utf-8"))["commands"]
    }
)
FROM_PAGES = sorted({command for page in PAGES for command in quoted_commands(page.read_text(encoding="utf-8"))})


@pytest.mark.parametrize("command", FROM_SOURCE)
def test_a_command_in_a_message_parses(command: str) -> None:
    parse(command)


@pytest.mark.parametrize("command", FROM_PAGES)
def test_a_command_on_a_page_parses(command: str) -> None:
    parse(command)


@pytest.mark.parametrize("command", FROM_RECORDS)
def test_a_command_of_a_recorded_bisection_parses(command: str) -> None:
    parse(command)


def test_there_are_commands_to_look_at() -> None:
    assert len(FROM_SOURCE) > 5
    assert len(FROM_PAGES) > 10
