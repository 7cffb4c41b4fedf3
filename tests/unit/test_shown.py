"""One face of a bug among several: which attempts show it."""

from __future__ import annotations

import pytest

from bisectrix.judge.shown import of_this_face, shows
from bisectrix.model.words import Outcome, Verdict
from support.results import attempt

FAILED = attempt(Outcome.FAIL, verdict=Verdict.BAD)


@pytest.mark.parametrize("pattern", ["", "no such connection", r"_client\.py:send$"])
def test_message_and_places_show_a_face(pattern: str) -> None:
    assert shows(pattern, FAILED)


def test_an_attempt_with_another_face_is_good_to_who_asks_for_this_one() -> None:
    assert of_this_face("no such connection", FAILED).verdict is Verdict.BAD
    assert of_this_face("PoolTimeout", FAILED).verdict is Verdict.GOOD


@pytest.mark.parametrize("verdict", [Verdict.GOOD, Verdict.SKIP])
def test_what_does_not_show_the_bug_stays_what_it_is(verdict: Verdict) -> None:
    assert of_this_face("PoolTimeout", attempt(Outcome.FAIL, verdict=verdict)).verdict is verdict
