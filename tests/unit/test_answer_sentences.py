"""The answers of a search, as sentences for an issue."""

from __future__ import annotations

import pytest

from bisectrix.report.answers import Sentences
from bisectrix.search.answers import (
    Answer,
    BadEverywhere,
    Boundary,
    Credible,
    Found,
    GoodEverywhere,
    NoChange,
    NonMonotone,
    Regime,
    Unbounded,
    Undecided,
)
from bisectrix.search.question import Direction

WORDS = Sentences("tool", ("1.0", "2.0", "3.0", "4.0", "5.0", "6.0"))


def introduced(last_good: int, first_bad: int, *untested: int, confidence: float = 0.96, rate: float = 0.3) -> Boundary:
    return Boundary(
        direction=Direction.INTRODUCED,
        last_good=last_good,
        first_bad=first_bad,
        untested=untested,
        confidence=confidence,
        rate=rate,
    )


def fixed(last_bad: int, first_good: int, *untested: int) -> Boundary:
    return Boundary(
        direction=Direction.FIXED,
        last_good=first_good,
        first_bad=last_bad,
        untested=untested,
        confidence=0.9999,
        rate=1.0,
    )


NEVER_FIXED = Unbounded(direction=Direction.FIXED, end=5)
NEVER_INTRODUCED = Unbounded(direction=Direction.INTRODUCED, end=0)
IN_THREE = "Introduced in tool 3.0 (last good tool 2.0) (96% sure; shows in 30% of the runs)."
STILL_BAD = "Not fixed within what could be tested: the newest of it, tool 6.0, is bad, too."
CASES: dict[str, tuple[Answer, list[str], str]] = {
    "introduced and fixed": (
        Found(boundaries=(introduced(1, 2), fixed(3, 4))),
        [IN_THREE, "Fixed in tool 5.0 (last bad tool 4.0) (99.9% sure; shows in 100% of the runs)."],
        ">=3.0,<5.0",
    ),
    "introduced": (Found(boundaries=(introduced(1, 2),), unbounded=(NEVER_FIXED,)), [IN_THREE, STILL_BAD], ">=3.0"),
    "fixed": (
        Found(boundaries=(fixed(0, 1),), unbounded=(NEVER_INTRODUCED,)),
        [
            "Fixed in tool 2.0 (last bad tool 1.0) (99.9% sure; shows in 100% of the runs).",
            "Not introduced within what could be tested: the oldest of it, tool 1.0, is bad, too.",
        ],
        "<2.0",
    ),
    "a class on both sides": (
        Found(boundaries=(introduced(0, 2, 1), fixed(3, 5, 4))),
        [
            (
                "Introduced after tool 1.0, in tool 3.0 at the latest: 2.0 could not be tested "
                "(96% sure; shows in 30% of the runs)."
            ),
            (
                "Fixed after tool 4.0, in tool 6.0 at the latest: 5.0 could not be tested "
                "(99.9% sure; shows in 100% of the runs)."
            ),
        ],
        ">=3.0,<=4.0",
    ),
    "more changes": (
        NonMonotone(
            boundaries=(introduced(1, 2),),
            unbounded=(NEVER_FIXED,),
            regimes=(
                Regime(bad=True, first=0, last=0),
                Regime(bad=False, first=1, last=1),
                Regime(bad=True, first=2, last=5),
            ),
        ),
        [
            IN_THREE,
            STILL_BAD,
            (
                "There are more changes than these: of what was run, bad from tool 1.0 to tool 1.0, "
                "good from tool 2.0 to tool 2.0, bad from tool 3.0 to tool 6.0."
            ),
        ],
        "",
    ),
    "good everywhere": (
        GoodEverywhere(tested=(0, 2, 5), rarest=0.26),
        [
            (
                "Good everywhere: 3 values of tool were tested, from 1.0 to 6.0; a bug that shows in at least 26% of "
                "the runs would have been seen in the one that was run most."
            )
        ],
        "",
    ),
    "bad everywhere": (
        BadEverywhere(tested=(0, 5), rate=1.0),
        ["Bad everywhere: 2 values of tool were tested, from 1.0 to 6.0."],
        "",
    ),
    "no change": (
        NoChange(tested=(0, 5), rate=0.2),
        [
            (
                "No change: it shows in 20% of the runs at both ends (2 values of tool were tested, from 1.0 to 6.0), "
                "so tool does not decide it."
            )
        ],
        "",
    ),
    "nothing tested": (
        Undecided(reason="no value could be tested"),
        ["Undecided: no value could be tested."],
        "",
    ),
    "out of budget": (
        Undecided(
            reason="the budget is spent: 9 runs",
            settled=(introduced(1, 2),),
            credible=(Credible(direction=Direction.FIXED, values=(4, 5), probability=0.952),),
        ),
        [
            IN_THREE,
            "Undecided: the budget is spent: 9 runs.",
            "Fixed in one of 5.0, 6.0, with a probability of 95%.",
        ],
        "",
    ),
}


@pytest.mark.parametrize(("answer", "sentences", "specifier"), CASES.values(), ids=CASES)
def test_an_answer_reads_as_a_person_would_say_it(answer: Answer, sentences: list[str], specifier: str) -> None:
    assert list(WORDS.of(answer)) == sentences
    assert WORDS.specifier(answer) == specifier


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.9501, "95%"), (0.992, "99.2%"), (0.99999, "99.9%"), (1.0, "99.9%")]
)
def test_nothing_is_ever_completely_sure(confidence: float, said: str) -> None:
    (sentence,) = WORDS.of(Found(boundaries=(introduced(1, 2, confidence=confidence),)))

    assert f"({said} sure" in sentence
