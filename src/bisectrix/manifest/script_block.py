"""The `script` block of inline metadata in a Python file, as PEP 723 defines it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bisectrix.errors import ManifestError, Mistake

BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
"""The reference expression of the PEP."""

START = "# /// script"
MARGIN = re.compile(r"(?m)^# ?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """The TOML in the comment; `first_line` is its line in the file, from 1."""

    toml: str
    first_line: int


def script_block(text: str, file: str) -> Block:
    """Return the one `script` block of a file.

    Raises:
        ManifestError: there is none, or more than one.
    """
    blocks = [match for match in BLOCK.finditer(text) if match["type"] == "script"]
    if len(blocks) != 1:
        raise ManifestError(file, (_not_one(text, blocks),))
    match = blocks[0]
    return Block(toml=MARGIN.sub("", match["content"]), first_line=_line_of(text, match) + 1)


def without_script_block(text: str) -> str:
    """Return the program alone: `text` without its `script` blocks."""
    return BLOCK.sub(lambda match: "" if match["type"] == "script" else match[0], text)


def _not_one(text: str, blocks: list[re.Match[str]]) -> Mistake:
    expected = "one `script` block (PEP 723)"
    if blocks:
        lines = ", ".join(str(_line_of(text, match)) for match in blocks)
        return Mistake(key_path="script", found=f"{len(blocks)} blocks", expected=expected, hint=f"lines {lines}")
    unclosed = START in text.splitlines()
    hint = (
        "it ends with a line `# ///`, each line before it starts with `# `"
        if unclosed
        else f"its first line is `{START}`"
    )
    return Mistake(key_path="script", found="an unclosed block" if unclosed else "none", expected=expected, hint=hint)


def _line_of(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1
