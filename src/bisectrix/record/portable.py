"""Text that leaves this machine: no paths of it, no package index of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import TypeAdapter

from bisectrix.model.frames import shorten

_Record = TypeVar("_Record")
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PATH = re.compile(r"(?<![\w./:-])/(?P<top>[\w.+@~=-]+)(?:/[\w.+@~=-]+)+")
_SAME_EVERYWHERE = {"dev", "proc", "sys"}
_USUAL = {"home", "opt", "root", "tmp", "usr", "var", "Users"}
_INDEX = re.compile(r"https?://[^\s`'\"<>]*/simple\b(?:[^\s`'\"<>),;]*[\w/])?")


def portable_text(text: str) -> str:
    """Shorten absolute paths to what stays the same between machines, and name no package index."""
    return _PATH.sub(_shortened, _INDEX.sub("the package index", text))


def _shortened(path: re.Match[str]) -> str:
    """Shorten what begins with a folder of this machine; `/api/v1/users` is no path of it."""
    top = path["top"]
    is_ours = top in _USUAL or (top not in _SAME_EVERYWHERE and Path("/", top).is_dir())
    return shorten(path[0]) if is_ours else path[0]


def portable_json(document: Json) -> Json:
    """Return the document with every string in it made portable; keys are ours and stay."""
    match document:
        case str():
            return portable_text(document)
        case list():
            return [portable_json(item) for item in document]
        case dict():
            return {key: portable_json(value) for key, value in document.items()}
        case _:
            return document


def portable_file(adapter: TypeAdapter[_Record], record: _Record) -> bytes:
    """Return a record as a file that may leave this machine."""
    document = portable_json(adapter.dump_python(record, mode="json"))
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
