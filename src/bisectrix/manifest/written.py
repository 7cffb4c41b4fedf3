"""TOML text into what was written, before anything is known about it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from bisectrix.errors import ManifestError, Mistake


def read_toml(text: str, file: str, *, first_line: int = 1, first_column: int = 1) -> dict[str, Any]:
    """Read TOML.

    Args:
        text: the TOML.
        file: for the error.
        first_line: line of the file, from 1, in which `text` starts.
        first_column: column of the file, from 1, in which each line of `text` starts.

    Raises:
        ManifestError: with line and column of the first error of syntax.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        message = "lists or tables nested too deeply"
    except ValueError as error:
        message = str(error)
    line, column = _place(message, text)
    place = f"line {line + first_line - 1}, column {column + first_column - 1}"
    what = message.partition(" (at ")[0]
    raise ManifestError(file, (Mistake(key_path=place, found="", expected="valid TOML", hint=what),))


def _place(message: str, text: str) -> tuple[int, int]:
    """Return line and column, from 1; the end of the text where the message names none."""
    named = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if named:
        return int(named[1]), int(named[2])
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def table_at(data: object, *keys: str) -> Mapping[str, Any]:
    """Return the table at `keys`, empty if something else or nothing is there."""
    found = value_at(data, *keys)
    return found if isinstance(found, Mapping) else {}


def list_at(data: object, *keys: str) -> list[Any]:
    """Return the list at `keys`, empty if something else or nothing is there."""
    found = value_at(data, *keys)
    return found if isinstance(found, list) else []


def value_at(data: object, *keys: str) -> object:
    """Return what is written at `keys`, None if nothing is."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
