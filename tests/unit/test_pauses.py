"""A tree that cannot be proved dead is looked at less and less often, unless what is in the way may pass."""

from __future__ import annotations

import pytest

from bisectrix.supervise.proof.pauses import Pauses


def looks(*, passing: bool, until_s: int) -> list[int]:
    """Return the seconds at which a tree is looked at."""
    pauses, found = Pauses(), []
    for now_s in range(until_s):
        if pauses.is_over(now_s):
            found.append(now_s)
            pauses.begin(now_s, passing=passing)
    return found


def test_looks_become_rare() -> None:
    assert looks(passing=False, until_s=100) == [0, 1, 4, 13, 40]


def test_there_is_a_longest_pause() -> None:
    *_, before, last = looks(passing=False, until_s=2000)
    assert last - before == 300


def test_what_may_pass_is_looked_for_every_second() -> None:
    assert looks(passing=True, until_s=5) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("passed", [1, 5])
def test_what_has_passed_did_not_make_the_pauses_longer(passed: int) -> None:
    pauses = Pauses()
    for now_s in range(passed):
        pauses.begin(now_s, passing=True)
    pauses.begin(passed)
    assert pauses.is_over(passed + 1)
