"""On which side of a boundary a cross belongs, by its runs and the rates that the search learned."""

from __future__ import annotations

import pytest

from bisectrix.search.crossing import Contrast
from bisectrix.search.state import Tally

STEADY = Contrast(bad=0.9995, good=0.0, confidence=0.95)
SIGNED = Contrast(bad=0.3, good=0.0, confidence=0.95)
UNSIGNED = Contrast(bad=0.6, good=0.05, confidence=0.95)


@pytest.mark.parametrize(
    ("contrast", "good", "bad", "expected"),
    [
        pytest.param(STEADY, 1, 0, False, id="a-steady-bug-that-does-not-show-is-not-there"),
        pytest.param(STEADY, 0, 1, True, id="a-steady-bug-that-shows"),
        pytest.param(SIGNED, 5, 1, True, id="one-signature-is-enough"),
        pytest.param(SIGNED, 8, 0, None, id="eight-good-runs-of-a-flaky-bug-may-be-luck"),
        pytest.param(SIGNED, 9, 0, False, id="nine-are-not"),
        pytest.param(UNSIGNED, 0, 1, None, id="one-bad-run-without-a-signature-proves-nothing"),
        pytest.param(UNSIGNED, 0, 2, True, id="two-do"),
        pytest.param(UNSIGNED, 3, 1, None, id="one-of-four-is-between"),
        pytest.param(UNSIGNED, 7, 1, False, id="one-of-eight-is-the-noise-of-the-good-side"),
    ],
)
def test_runs_decide_by_both_rates(contrast: Contrast, good: int, bad: int, *, expected: bool | None) -> None:
    assert contrast.is_bad(Tally(good=good, bad=bad)) is expected


def test_rates_that_are_close_take_more_runs_before_it_is_given_up() -> None:
    assert STEADY.most_runs < UNSIGNED.most_runs < Contrast(bad=0.6, good=0.5, confidence=0.95).most_runs


def test_equal_rates_end_too() -> None:
    assert Contrast(bad=0.5, good=0.5, confidence=0.95).most_runs < 100_000
