"""The examples of PEP 723, and the corners of its grammar."""

from __future__ import annotations

import pytest

from bisectrix.errors import ManifestError
from bisectrix.manifest.script_block import Block, script_block, without_script_block


@pytest.mark.parametrize(
    ("text", "toml", "first_line"),
    [
        ("# /// script\n# a = 1\n# ///\n", "a = 1\n", 2),
        ("#!/bin/x\n\n# /// script\n#\n# a = 1\n# ///\nprint()\n", "\na = 1\n", 4),
        ("# /// script\n#   a = 1\n# ///", "  a = 1\n", 2),
        ("# /// other\n# b = 1\n# ///\n\n# /// script\n# a = 1\n# ///\n", "a = 1\n", 6),
        ("# /// script\n# a = '''\n# ///\n# '''\n# ///\n", "a = '''\n///\n'''\n", 2),
    ],
    ids=["plain", "after a shebang", "indented", "beside another", "the last end counts"],
)
def test_the_block_is_what_the_pep_says(text: str, toml: str, first_line: int) -> None:
    assert script_block(text, "x.py") == Block(toml=toml, first_line=first_line)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# /// script\n# a = 1\n",
        "#/// script\n# a = 1\n# ///\n",
        "# /// script\n#a = 1\n# ///\n",
        "# /// script\n# ///\n",
    ],
    ids=["empty", "unclosed", "no space", "no margin", "no content"],
)
def test_what_is_no_block_by_the_pep_is_refused(text: str) -> None:
    with pytest.raises(ManifestError, match="expected one `script` block"):
        script_block(text, "x.py")


def test_the_program_is_what_is_left_without_the_block() -> None:
    text = "a\n# /// script\n# x = 1\n# ///\nb\n# /// other\n# y = 1\n# ///\n"
    assert without_script_block(text) == "a\n\nb\n# /// other\n# y = 1\n# ///\n"
