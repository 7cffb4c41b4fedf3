"""Text that leaves this machine: no paths of it, no package index of it."""

from __future__ import annotations

import re
from typing import TypeAlias

from bisectrix.model.frames import shorten

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_TOP_FOLDERS = (
    *("bin", "etc", "home", "lib", "lib64", "mnt", "media", "nix", "opt", "private", "root", "run"),
    *("srv", "tmp", "usr", "var", "work", "workspace", "Applications", "Library", "Users", "Volumes"),
)
_PATH = re.compile(rf"(?<![\w./:-])/(?:{'|'.join(_TOP_FOLDERS)})(?:/[\w.+@~=-]+)+")
_INDEX = re.compile(r"https?://[^\s`'\"<>]*/simple\b(?:[^\s`'\"<>),;]*[\w/])?")


def portable_text(text: str) -> str:
    """Shorten absolute paths to what stays the same between machines, and name no package index."""
    return _PATH.sub(lambda path: shorten(path[0]), _INDEX.sub("the package index", text))


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
