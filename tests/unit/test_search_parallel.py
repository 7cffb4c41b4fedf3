"""What idle workers are given while other runs go on."""

from __future__ import annotations

from random import Random

from bisectrix.search.driver import Probe, Search
from bisectrix.search.question import Between, Question, Terms
from bisectrix.search.side import Purpose
from bisectrix.search.state import Observation


def a_search(size: int, *seen: tuple[int, Observation], steady: float = 0.97) -> Search:
    """Return a search whose last value is bad, told what was seen."""
    search = Search(Question(size=size, task=Between(good=0, bad=size - 1)), Terms(steady=steady), Random(0))  # noqa: S311 - the same every time
    for value, observation in seen:
        search.record(Probe(value=value, purpose=Purpose.SEARCH), observation, 1.0)
    return search


STEADY = ((0, Observation.GOOD), *[(2, Observation.BAD)] * 4)


def test_what_is_known_already_is_not_run_again_while_the_only_open_value_runs() -> None:
    search = a_search(3, *STEADY)
    (probe,) = search.next_probes((), 2)

    assert probe.value == 1
    assert search.next_probes((probe,), 2) == ()


def test_many_open_values_keep_all_workers_busy() -> None:
    probes = a_search(1000, (0, Observation.GOOD), *[(999, Observation.BAD)] * 4).next_probes((), 8)

    assert len({probe.value for probe in probes}) == 8


def test_a_rare_bug_keeps_all_workers_busy() -> None:
    rare = [(99, Observation.BAD), *[(99, Observation.GOOD)] * 30] * 3
    probes = a_search(100, *[(0, Observation.GOOD)] * 30, *rare, steady=0.5).next_probes((), 8)

    assert len(probes) == 8
