"""Results in the words of tables."""

from __future__ import annotations

from bisectrix.cli.words import containment_words
from bisectrix.model.attempt import Contained
from bisectrix.model.words import ContainmentKind, LimitKind


def test_what_held_an_attempt_is_one_line() -> None:
    bounds = (LimitKind.PROCESSES, LimitKind.MEMORY)
    best = Contained(kind=ContainmentKind.CGROUP, private_network=True, bounds=bounds)
    assert containment_words(best) == "cgroup, a network of its own, the kernel bounded memory and processes"
    assert containment_words(Contained(kind=ContainmentKind.POLLING)) == "polling"
