"""Which cells a `-k` expression means, and what is said of one that cannot be read."""

from __future__ import annotations

import pytest

from bisectrix.errors import UsageError
from bisectrix.matrix.selection import names, parse_selection
from bisectrix.model.matrix import Cell

CELL = Cell(
    repro="vcr-pool",
    coordinates=(("PYTHONASYNCIODEBUG", "1"), ("python", "3.13"), ("resolution", "highest"), ("vcrpy", "8.0.0")),
)


@pytest.mark.parametrize(
    "text",
    [
        "VCR-POOL",
        "vcrpy=8.0",
        "vcrpy==8.0.0",
        "vcrpy=8.*",
        "vcrpy>=8 and vcrpy<8.2",
        "vcrpy > 7.0.0",
        "vcrpy<10",
        "python>3.9",
        "resolution!=lowest",
        "pythonasynciodebug=1",
        "not lowest-direct",
        "nothing or highest and vcrpy",
        "(nothing or highest) and not (httpx or python=3.12)",
        "not not highest",
        "vcr-pool@vcrpy=8.0.0",
        "vcr-pool@vcrpy=8.0.0,python=3.13",
        "vcr-pool@",
    ],
)
def test_it_matches(text: str) -> None:
    assert parse_selection(text)(CELL)


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "vcrpy!=8.0",
        "vcrpy<8",
        "python<3.9",
        "not highest",
        "nothing and highest or nothing",
        "other@vcrpy=8.0.0",
        "vcr-pool@vcrpy=8.0",
        "httpx=1",
        "httpx!=1",
        "httpx>=1",
    ],
)
def test_it_does_not_match(text: str) -> None:
    assert not parse_selection(text)(CELL)


def test_values_that_are_no_versions_are_compared_as_text() -> None:
    cell = Cell(repro="r", coordinates=(("cutoff", "2026-01-06T00:00:00Z"),))
    assert parse_selection("cutoff<2026-02")(cell)
    assert not parse_selection("cutoff<2025-12")(cell)


def test_the_axes_that_are_compared_can_be_asked_for() -> None:
    selection = parse_selection("(vcrpy>=8 or word) and not python=3.13 and pool@httpx=1,anyio=2")
    assert names(selection) == {"vcrpy", "python", "httpx", "anyio"}


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 0, "expected a word or (, found the end"),
        ("a and", 5, "expected a word or (, found the end"),
        ("a b", 2, "expected and, or, or the end, found 'b'"),
        ("(a or b", 7, "expected ), found the end"),
        ("a)", 1, "expected and, or, or the end, found ')'"),
        ("a or or b", 5, "expected a word or (, found 'or'"),
        ("vcrpy >= and b", 9, "expected a value after >=, found 'and'"),
        (">= 8", 0, "expected a word or (, found '>='"),
        ("a ! b", 2, "expected and, or, or the end, found '!'"),
        ("b or pool@python", 5, "expected the name of a cell, NAME@AXIS=VALUE,..., found 'pool@python'"),
    ],
)
def test_an_error_points_at_the_place(text: str, column: int, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_selection(text)
    assert caught.value.message.splitlines() == [message, f"  {text}", f"  {' ' * column}^"]
    assert "and, or, not" in caught.value.hint


def test_an_endless_expression_is_refused() -> None:
    with pytest.raises(UsageError, match="longer than"):
        parse_selection("(" * 10_000)
