"""How long a plan will take, and how a time is said."""

from __future__ import annotations

import pytest

from bisectrix.matrix.estimate import duration_text, expected_s


def test_workers_take_the_next_cell_when_they_are_free() -> None:
    durations = {"slow": 30.0, "a": 10.0, "b": 10.0, "c": 10.0}
    assert expected_s(dict.fromkeys(durations, 1), durations, 2) == 30
    assert expected_s(dict.fromkeys(durations, 1), durations, 1) == 60


def test_attempts_of_a_cell_follow_each_other() -> None:
    assert expected_s({"a": 3}, {"a": 2.0}, 8) == 6


def test_a_cell_that_is_done_costs_nothing() -> None:
    assert expected_s({"a": 0, "b": 0}, {"a": 9.0}, 2) == 0


def test_an_unknown_cell_takes_as_long_as_most() -> None:
    assert expected_s({"new": 1}, {"a": 1.0, "b": 2.0, "c": 90.0}, 1) == 2
    assert expected_s({"new": 2}, {}, 1, guess_s=4) == 8


def test_no_cells_take_no_time() -> None:
    assert expected_s({}, {}, 4) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (12.3, "12 s"),
        (59.7, "1 min"),
        (60, "1 min"),
        (80, "1 min 20 s"),
        (3599.7, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_is_said_in_two_units_at_most(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
