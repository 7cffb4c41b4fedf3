"""Counts and intervals, as numbers and as text."""

from __future__ import annotations

import pytest

from bisectrix.judge.rate import counts_text, rate_text, wilson
from bisectrix.model.words import Outcome

PASS, CRASH, HANG, TIMEOUT = Outcome.PASS, Outcome.CRASH, Outcome.HANG, Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("bad", "attempts", "low", "high"),
    [
        (3, 100, 0.0103, 0.0845),
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_the_interval_is_wilsons(bad: int, attempts: int, low: float, high: float) -> None:
    rate = wilson(bad, attempts)
    assert rate.low == pytest.approx(low, abs=1e-4)
    assert rate.high == pytest.approx(high, abs=1e-4)


def test_no_attempts_say_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_a_rate_is_written_with_its_interval_unless_all_agree() -> None:
    assert rate_text(wilson(3, 100), "crash") == "crash 3/100 (1.0\N{EN DASH}8.5 %)"
    assert rate_text(wilson(3, 3), "hang") == "hang 3/3"


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [
        ([PASS] * 5, "pass 5/5"),
        ([HANG] * 3, "hang 3/3"),
        ([PASS] * 97 + [CRASH] * 3, "crash 3/100 (1.0\N{EN DASH}8.5 %)"),
        ([TIMEOUT, HANG, HANG, PASS], "hang 2/4 (15.0\N{EN DASH}85.0 %), timeout 1/4 (4.6\N{EN DASH}69.9 %)"),
        ([], ""),
    ],
)
def test_counts_name_the_worst_first_and_leave_passes_to_the_reader(outcomes: list[Outcome], text: str) -> None:
    assert counts_text(outcomes) == text
