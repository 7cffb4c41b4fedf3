"""What counts as seen again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bisectrix.model.attempt import Attempt, Frame
from bisectrix.model.recipe import Machine
from bisectrix.model.words import Outcome, TestOutcome, Verdict
from bisectrix.replay.compare import Likeness, compare, same_rate_probability
from bisectrix.replay.differences import machine_differences
from support.results import attempt, did

HANG, PASS, CRASH = attempt(Outcome.HANG), attempt(), attempt(Outcome.CRASH, verdict=Verdict.SKIP)
ELSEWHERE = attempt(Outcome.HANG, frames=(Frame(file="ssl.py", function="read", line=7),))


@pytest.mark.parametrize(
    ("recorded", "replayed", "likeness", "sentence"),
    [
        ([HANG], [HANG], Likeness.SAME, "same outcome, same signature"),
        ([HANG] * 3, [HANG], Likeness.SAME, "same outcome, same signature"),
        ([PASS], [PASS, PASS], Likeness.SAME, "same outcome"),
        ([HANG], [PASS], Likeness.OTHER_OUTCOME, "other outcome: pass 1/1, recorded hang 1/1"),
        ([HANG], [ELSEWHERE], Likeness.OTHER_SIGNATURE, "same outcome, other signature: hang 1/1, recorded hang 1/1"),
        ([HANG], [HANG, ELSEWHERE], Likeness.OTHER_SIGNATURE, None),
        ([HANG, ELSEWHERE], [ELSEWHERE], Likeness.SAME, None),
        ([HANG, PASS], [CRASH], Likeness.OTHER_OUTCOME, None),
        ([HANG] * 3 + [PASS] * 7, [HANG] * 2 + [PASS] * 3, Likeness.SAME_RATE, None),
        ([HANG] * 3 + [PASS] * 7, [PASS] * 5, Likeness.NOT_SEEN, None),
        ([HANG] * 5 + [PASS] * 5, [PASS] * 40, Likeness.OTHER_RATE, None),
        ([HANG] * 1 + [PASS] * 40, [HANG] * 5, Likeness.OTHER_RATE, None),
    ],
)
def test_attempts_are_held_against_the_record(
    recorded: Sequence[Attempt], replayed: Sequence[Attempt], likeness: Likeness, sentence: str | None
) -> None:
    found = compare(recorded, replayed)

    assert found.likeness is likeness
    assert sentence in {None, found.sentence}


def test_both_signatures_are_shown_where_they_differ() -> None:
    (recorded, replayed) = compare([HANG], [ELSEWHERE]).details

    assert recorded.startswith("recorded: hang httpcore/_async/connection_pool.py:wait_for_connection (main -> send")
    assert replayed == "replayed: hang ssl.py:read (read)"


def test_what_is_flaky_and_was_not_seen_says_how_likely_that_is() -> None:
    found = compare([HANG] * 3 + [PASS] * 7, [PASS] * 5)

    assert found.sentence == "not seen again: 0 of 5 show the bug, recorded 3 of 10"
    assert found.details == (
        "at the recorded rate, 17% of such replays do not show it; --times 13 would show it in 99%",
    )


def test_only_tests_that_did_something_new_are_named() -> None:
    then = attempt(Outcome.FAIL, tests=[did("t.py::a", TestOutcome.PASS), did("t.py::b", TestOutcome.FAIL)])
    now = attempt(Outcome.FAIL, tests=[did("t.py::a", TestOutcome.HANG), did("t.py::b", TestOutcome.FAIL)])

    found = compare([then], [now])

    assert (found.likeness, found.details) == (Likeness.OTHER_TESTS, ("t.py::a: hang, recorded pass",))


def test_the_test_of_rates_is_fishers() -> None:
    assert same_rate_probability(3, 4, 1, 4) == pytest.approx(34 / 70)  # the lady who tasted tea
    assert same_rate_probability(8, 10, 1, 6) == pytest.approx(0.034965, rel=1e-4)


def test_machines_are_compared_fact_by_fact() -> None:
    then = Machine(kernel="Linux 6.1", cpus=2, busy=0.1, libc="glibc 2.36", build="(main)", abi="a", tool="0.1.0")
    now = replace(then, kernel="Linux 6.18", libc="", busy=7.0)

    assert machine_differences([replace(HANG, machine=then)], [replace(HANG, machine=now)]) == (
        "kernel: Linux 6.18 here, Linux 6.1 recorded",
        "C library: none here, glibc 2.36 recorded",
    )
    assert machine_differences([HANG], [replace(HANG, machine=now)]) == ()
