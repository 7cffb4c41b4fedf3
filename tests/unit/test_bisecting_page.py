"""The page for those who bisect: every word that a search prints is explained, every option is one."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from bisectrix.cli.bisect import bisect
from bisectrix.search.side import Purpose
from bisectrix.search.state import Observation

PAGE = (Path(__file__).parents[2] / "docs" / "bisecting.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("word", [*Purpose, *Observation, "on record"])
def test_every_word_of_a_printed_line_has_a_row(word: str) -> None:
    assert any(word in row for row in ROWS)


def test_every_option_on_the_page_is_one() -> None:
    options = {
        option for parameter in bisect.params if isinstance(parameter, click.Option) for option in parameter.opts
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= options
