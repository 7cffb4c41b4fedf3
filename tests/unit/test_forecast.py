"""What a search tells of itself while it goes on: how long it will still take, and where each change may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bisectrix.search.driver import Probe, Search
from bisectrix.search.forecast import runs_left, seconds_left, smallest_sets
from bisectrix.search.question import Anywhere, Around, Between, Direction, Question, Task
from bisectrix.search.side import Purpose
from support.searching import BAD, EVEN, GOOD, bad_in, searched, seeded


def begun(task: Task, *seen: tuple[int, bool]) -> Search:
    """Return a search over a hundred values and one, in which these were seen bad or good."""
    search = Search(Question(size=101, task=task), EVEN, seeded(0))
    for value, is_bad in seen:
        search.record(Probe(value=value, purpose=Purpose.SEARCH), BAD if is_bad else GOOD, 2.0)
    return search


@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_the_runs_foretold_are_about_those_it_takes(rate: float) -> None:
    question = Question(size=101, task=Between(good=0, bad=100))
    told = searched(question, bad_in((37, 101), rate=rate), seed=3).told
    half = len(told) // 2
    search = Search(question, EVEN, seeded(0))
    for probe, seen in told[:half]:
        search.record(probe, seen, 1.0)
    assert (len(told) - half) / 4 < runs_left(search.outlook) < (len(told) - half) * 4


def test_a_run_costs_what_runs_were_seen_to_cost() -> None:
    search = begun(Around(bad=50), (50, True), (20, False))
    search.record_build(4.0)
    assert seconds_left(search.outlook) == pytest.approx(6 * runs_left(search.outlook))


def test_while_no_bad_value_is_known_the_values_to_try_are_counted() -> None:
    search = begun(Anywhere(start=100), (100, False))
    assert runs_left(search.outlook) > 10
    assert smallest_sets(search.outlook) == ()


def test_no_more_is_foretold_than_the_budget_allows() -> None:
    search = begun(Around(bad=50), (50, True))
    assert runs_left(replace(search.outlook, terms=replace(EVEN, max_runs=3))) == 2


def test_where_the_changes_may_be_adds_up() -> None:
    search = begun(Around(bad=50), (50, True), (20, False))
    introduced, fixed = search.outlook.sides
    assert sum(introduced.by_value().values()) == pytest.approx(1, abs=0.05)
    assert max(fixed.by_value()) == 100
    assert [found.direction for found in smallest_sets(search.outlook)] == [Direction.INTRODUCED, Direction.FIXED]
