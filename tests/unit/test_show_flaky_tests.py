"""What `bisectrix show` says of tests that do not always do the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bisectrix.cli.show import _print_flaky_tests
from bisectrix.model.attempt import TestResult
from bisectrix.model.words import TestOutcome
from support.results import attempt


def test_a_flaky_test_is_told_with_how_often_it_did_what(capsys: pytest.CaptureFixture[str]) -> None:
    def ran(*outcomes: str) -> tuple[TestResult, ...]:
        return tuple(
            TestResult(nodeid=f"test_it.py::test_{number}", outcome=TestOutcome(word), duration_s=0.0)
            for number, word in enumerate(outcomes)
        )

    attempts = tuple(
        replace(attempt(), tests=ran("pass", "fail" if number < 3 else "pass", "hang" if number < 1 else "pass"))
        for number in range(10)
    )
    _print_flaky_tests(attempts)
    assert capsys.readouterr().out.splitlines() == [
        "flaky test_it.py::test_1: pass 7 of 10, fail 3 of 10",
        "flaky test_it.py::test_2: pass 9 of 10, hang 1 of 10",
    ]
