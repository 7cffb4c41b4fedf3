"""From words on the command line to what is searched: what is understood, and what is said about mistakes."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bisectrix.cli.bisect_question import face_of, seconds_of, start_of, task_of
from bisectrix.errors import UsageError
from bisectrix.model.words import AxisKind
from bisectrix.runner.lines import Ground, Line
from bisectrix.runner.tools import Tools
from bisectrix.search.question import Anywhere, Around, Between

NO_TOOLS = cast("Tools", None)
NO_GROUND = cast("Ground", None)


def line(kind: AxisKind = AxisKind.PACKAGE, **changes: Any) -> Line:  # noqa: ANN401  (fields of Line)
    usual = {"values": ("1.0", "2.0", "2.1", "3.0"), "dropped": (("2.2", "yanked"),)}
    return Line(ground=NO_GROUND, axis="tool", kind=kind, option="--package tool", **{**usual, **changes})


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200)])
def test_a_budget_is_read_with_its_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["90", "m", "1.5h", "10 m", "-1s", "1d"])
def test_a_budget_without_a_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        seconds_of(text)

    assert str(refused.value) == f"--budget: {text!r} is no time\n  hint: such as 90s, 10m or 2h"


def test_a_face_is_a_regular_expression() -> None:
    assert face_of("CancelScope|TaskGroup") == "CancelScope|TaskGroup"
    with pytest.raises(UsageError, match="--shows: '\\(' is no regular expression"):
        face_of("(")


def test_declared_ends_are_taken_as_they_are() -> None:
    assert task_of(NO_TOOLS, line(), good="1.0", bad="2.1") == Between(good=0, bad=2)
    assert task_of(NO_TOOLS, line(), good="", bad="2.1") == Around(bad=2)


@pytest.mark.parametrize("spelling", ["2.1", "v2.1", "02.1"])
def test_a_version_is_found_in_any_spelling(spelling: str) -> None:
    assert task_of(NO_TOOLS, line(), good="", bad=spelling) == Around(bad=2)


def test_a_day_stands_for_its_start_in_utc() -> None:
    days = line(AxisKind.CUTOFF, values=("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"))

    assert task_of(NO_TOOLS, days, good="", bad="2026-03-02") == Around(bad=1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("9.0", "there is no tool 9.0\n  hint: from 1.0 to 3.0"),
        ("2.2", "tool 2.2 is left out: yanked"),
        ("newest", "'newest' is no version\n  hint: such as 8.1.1"),
    ],
)
def test_an_end_that_cannot_be_one_is_refused_with_the_reason(value: str, message: str) -> None:
    for ends in ({"good": "", "bad": value}, {"good": value, "bad": "1.0"}):
        with pytest.raises(UsageError) as refused:
            task_of(NO_TOOLS, line(), **ends)
        assert str(refused.value) == message


@pytest.mark.parametrize(("chosen", "start"), [("2.0", 1), ("2.2", 3)])
def test_the_hunt_starts_at_what_the_resolver_chooses_else_at_the_newest(chosen: str, start: int) -> None:
    assert start_of(line(), (("part", "1"), ("tool", chosen))) == Anywhere(start=start)
    assert start_of(line(), (("part", "1"),)) == Anywhere(start=3)
