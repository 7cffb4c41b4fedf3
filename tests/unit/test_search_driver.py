"""Planted truths, and the one answer to each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bisectrix.search.answers import (
    BadEverywhere,
    Boundary,
    Found,
    GoodEverywhere,
    NoChange,
    NonMonotone,
    Regime,
    Unbounded,
    Undecided,
)
from bisectrix.search.driver import Probe, Search
from bisectrix.search.question import Anywhere, Around, Between, Direction, Question, Terms
from bisectrix.search.side import Purpose
from support.searching import BAD, EVEN, GOOD, OTHER_FAILURE, UNTESTABLE, bad_in, searched, seeded, without

HUNDRED = Question(size=101, task=Between(good=0, bad=100))
RELEASES = Question(size=86, task=Around(bad=81))
DETERMINISTIC = replace(EVEN, deterministic=True)
STEADY = replace(EVEN, steady=0.9)


def edges(answer: object) -> list[tuple[Direction, int, int, tuple[int, ...]]]:
    """Return what each boundary of an answer names."""
    assert isinstance(answer, Found | NonMonotone)
    return [(found.direction, found.last_good, found.first_bad, found.untested) for found in answer.boundaries]


def test_a_change_between_two_ends_is_named_with_its_confidence() -> None:
    result = searched(HUNDRED, bad_in((37, 101)))
    assert edges(result.answer) == [(Direction.INTRODUCED, 36, 37, ())]
    assert isinstance(result.answer, Found)
    assert result.answer.boundaries[0].confidence >= 0.95
    assert result.runs <= 14


def test_both_ends_are_checked_first_and_the_answer_afterwards() -> None:
    told = searched(HUNDRED, bad_in((37, 101))).told
    assert [probe.purpose for probe, _ in told[:2]] == [Purpose.BAD_END, Purpose.GOOD_END]
    assert [seen for probe, seen in told if probe.value == 37].count(BAD) >= 2
    assert [seen for probe, seen in told if probe.value == 36].count(GOOD) >= 2


def test_a_fix_between_two_ends_is_named() -> None:
    question = Question(size=50, task=Between(good=49, bad=3))
    assert edges(searched(question, bad_in((0, 20))).answer) == [(Direction.FIXED, 20, 19, ())]


def test_a_deterministic_bug_costs_a_plain_bisection_and_the_two_ends() -> None:
    for edge in (1, 2, 37, 64, 99, 100):
        result = searched(HUNDRED, bad_in((edge, 101)), DETERMINISTIC)
        assert edges(result.answer) == [(Direction.INTRODUCED, edge - 1, edge, ())]
        assert result.runs <= 2 + 7


def test_a_deterministic_bug_that_is_not_says_so() -> None:
    question = Question(size=2, task=Between(good=0, bad=1))
    search = Search(question, DETERMINISTIC, seeded(0))
    for seen in (BAD, GOOD):
        search.record(Probe(value=1, purpose=Purpose.BAD_END), seen, 1.0)
    assert search.answer() == Undecided(reason="one value was seen good and bad, so the bug is not deterministic")


def test_introduced_and_fixed_are_found_from_one_bad_value_in_twelve_runs() -> None:
    result = searched(RELEASES, bad_in((79, 83)), STEADY)
    assert edges(result.answer) == [(Direction.INTRODUCED, 78, 79, ()), (Direction.FIXED, 83, 82, ())]
    assert result.runs <= 12


def test_a_bad_value_is_hunted_for_from_the_newest() -> None:
    question = Question(size=86, task=Anywhere(start=85))
    result = searched(question, bad_in((79, 83)), STEADY)
    assert edges(result.answer) == [(Direction.INTRODUCED, 78, 79, ()), (Direction.FIXED, 83, 82, ())]
    assert result.runs <= 16


def test_releases_that_cannot_be_tested_around_the_edge_are_a_class() -> None:
    question = Question(size=20, task=Between(good=0, bad=19))
    result = searched(question, without({6, 7, 8, 9, 10, 11, 12}, bad_in((9, 20))))
    assert edges(result.answer) == [(Direction.INTRODUCED, 5, 13, (6, 7, 8, 9, 10, 11, 12))]


def test_untestable_releases_before_the_culprit_are_not_blamed() -> None:
    question = Question(size=15, task=Between(good=0, bad=14))
    result = searched(question, without(set(range(6, 12)), bad_in((13, 15))))
    assert edges(result.answer) == [(Direction.INTRODUCED, 12, 13, ())]


def test_a_wide_untestable_stretch_is_given_up_after_a_few() -> None:
    result = searched(HUNDRED, without(set(range(20, 81)), bad_in((50, 101))))
    assert edges(result.answer) == [(Direction.INTRODUCED, 19, 81, tuple(range(20, 81)))]
    assert result.runs <= 30


def test_releases_that_fail_differently_are_no_evidence() -> None:
    result = searched(RELEASES, without(set(range(70)), bad_in((79, 83)), OTHER_FAILURE))
    assert edges(result.answer) == [(Direction.INTRODUCED, 78, 79, ()), (Direction.FIXED, 83, 82, ())]


def test_a_failure_of_another_kind_does_not_hide_a_value() -> None:
    dice = seeded(4)
    truth = bad_in((37, 101))
    result = searched(HUNDRED, lambda value, own: OTHER_FAILURE if dice.random() < 0.1 else truth(value, own))
    assert edges(result.answer) == [(Direction.INTRODUCED, 36, 37, ())]


def test_good_everywhere_says_how_rare_a_bug_would_have_been_missed() -> None:
    result = searched(HUNDRED, bad_in(), replace(EVEN, rarest=0.3))
    assert isinstance(result.answer, GoodEverywhere)
    assert result.answer.tested == (0, 100)
    assert result.answer.rarest == pytest.approx(1 - 0.05 ** (1 / 9))


def test_a_hunt_without_prey_ends() -> None:
    result = searched(Question(size=86, task=Anywhere(start=85)), bad_in())
    assert isinstance(result.answer, GoodEverywhere)
    assert {0, 85} < set(result.answer.tested)
    assert result.runs <= 20


def test_bad_everywhere_between_two_ends() -> None:
    assert searched(HUNDRED, bad_in((0, 101))).answer == BadEverywhere(tested=(0, 100), rate=1.0)


def test_bad_everywhere_around_a_bad_value() -> None:
    assert isinstance(searched(RELEASES, bad_in((0, 86))).answer, BadEverywhere)


def test_bad_since_the_oldest_and_fixed_later() -> None:
    answer = searched(RELEASES, bad_in((0, 83))).answer
    assert edges(answer) == [(Direction.FIXED, 83, 82, ())]
    assert isinstance(answer, Found)
    assert answer.unbounded == (Unbounded(direction=Direction.INTRODUCED, end=0),)


def test_the_same_rate_at_both_ends_without_a_signature_is_no_change() -> None:
    answer = searched(HUNDRED, bad_in((0, 101), rate=0.4), replace(EVEN, matched=False)).answer
    assert isinstance(answer, NoChange)
    assert 0.2 < answer.rate < 0.6


def test_a_flaky_bug_is_found_under_its_signature() -> None:
    answer = searched(HUNDRED, bad_in((37, 101), rate=0.3), seed=3).answer
    assert edges(answer) == [(Direction.INTRODUCED, 36, 37, ())]


def test_a_flaky_bug_is_found_where_the_good_side_fails_too() -> None:
    truth = bad_in((37, 101), rate=0.6, good_rate=0.05)
    answer = searched(HUNDRED, truth, replace(EVEN, matched=False), seed=2).answer
    assert edges(answer) == [(Direction.INTRODUCED, 36, 37, ())]


def test_three_regimes_are_reported_with_the_boundaries_around_the_bad_value() -> None:
    question = Question(size=60, task=Around(bad=15))
    answer = searched(question, bad_in((10, 20), (40, 60))).answer
    assert isinstance(answer, NonMonotone)
    assert edges(answer) == [(Direction.INTRODUCED, 9, 10, ()), (Direction.FIXED, 20, 19, ())]
    assert [regime.bad for regime in answer.regimes] == [False, True, False, True]
    assert answer.regimes[1] == Regime(bad=True, first=10, last=19)


def test_a_declared_bad_end_that_is_good_gives_way_to_a_value_seen_bad() -> None:
    truth = bad_in((30, 60))
    search = searched(HUNDRED, truth, replace(EVEN, rarest=0.5), workers=4)
    assert isinstance(search.answer, NonMonotone)
    assert edges(search.answer) == [(Direction.INTRODUCED, 29, 30, ())]


def test_nothing_that_can_be_tested_is_no_answer() -> None:
    for task in (Between(good=0, bad=4), Around(bad=2), Anywhere(start=4)):
        result = searched(Question(size=5, task=task), without(set(range(5)), bad_in()))
        assert result.answer == Undecided(reason="no value could be tested")


def test_a_spent_budget_leaves_the_smallest_credible_set() -> None:
    result = searched(HUNDRED, bad_in((37, 101)), replace(EVEN, max_runs=5))
    assert isinstance(result.answer, Undecided)
    assert result.runs == 5
    (credible,) = result.answer.credible
    assert 37 in credible.values
    assert len(credible.values) <= 26
    assert credible.probability >= 0.95


def test_a_budget_of_seconds_counts_what_runs_took() -> None:
    result = searched(HUNDRED, bad_in((37, 101)), replace(EVEN, max_s=4.0))
    assert isinstance(result.answer, Undecided)
    assert result.answer.reason == "the budget is spent: 4 s"
    assert result.runs == 4


def test_a_budget_keeps_what_was_settled() -> None:
    whole = searched(RELEASES, bad_in((79, 83)), STEADY)
    short = searched(RELEASES, bad_in((79, 83)), replace(STEADY, max_runs=whole.runs - 1))
    assert isinstance(short.answer, Undecided)
    assert [(found.last_good, found.first_bad) for found in short.answer.settled] == [(78, 79)]
    assert [credible.direction for credible in short.answer.credible] == [Direction.FIXED]


def test_a_probe_that_hangs_for_long_is_avoided_where_a_cheap_one_tells_much() -> None:
    chosen: list[Probe] = []
    for bad_s in (1.0, 300.0):
        search = Search(HUNDRED, EVEN, seeded(0))
        search.record(Probe(value=100, purpose=Purpose.BAD_END), BAD, bad_s)
        search.record(Probe(value=0, purpose=Purpose.GOOD_END), GOOD, 1.0)
        chosen += search.next_probes((), 1)
    assert chosen[1].value < chosen[0].value < 60


def test_an_environment_that_exists_is_preferred() -> None:
    search = Search(HUNDRED, Terms(good_s=1, bad_s=1, build_s=20), seeded(0))
    for value, seen in ((100, BAD), (0, GOOD)):
        search.record(Probe(value=value, purpose=Purpose.SEARCH), seen, 1.0)
    (probe,) = search.next_probes((), 1, built=frozenset({60}))
    assert probe.value == 60


def test_what_is_known_is_not_repeated_for_being_cheap() -> None:
    search = Search(Question(size=5, task=Between(good=0, bad=4)), Terms(build_s=5), seeded(0))
    for value, seen in ((4, BAD), (0, GOOD), (2, BAD), (2, BAD), (2, BAD), (0, GOOD), (0, GOOD)):
        search.record(Probe(value=value, purpose=Purpose.SEARCH), seen, 0.06)
    (probe,) = search.next_probes((), 1)
    assert probe.value == 1


def test_what_environments_take_is_measured() -> None:
    chosen: list[Probe] = []
    for measured_s in (0.01, 20.0):
        search = Search(HUNDRED, Terms(good_s=1, bad_s=1, build_s=20), seeded(0))
        for value, seen in ((100, BAD), (0, GOOD)):
            search.record_build(measured_s)
            search.record(Probe(value=value, purpose=Purpose.SEARCH), seen, 1.0)
        chosen += search.next_probes((), 1, built=frozenset({70}))
    assert [probe.value for probe in chosen] == [49, 70]


def test_a_suspicious_release_is_looked_at_first() -> None:
    weights = tuple(500.0 if value == 80 else 1.0 for value in range(101))
    weighted = searched(Question(size=101, task=Between(good=0, bad=100), weights=weights), bad_in((80, 101)))
    assert edges(weighted.answer) == [(Direction.INTRODUCED, 79, 80, ())]
    assert {79, 80} <= {probe.value for probe, _ in weighted.told[:5]}


def test_eight_workers_get_eight_probes_and_most_of_them_differ() -> None:
    search = Search(HUNDRED, EVEN, seeded(0))
    probes = search.next_probes((), 8)
    assert len(probes) == 8
    assert len({probe.value for probe in probes}) >= 5


def test_pending_runs_take_up_workers() -> None:
    search = Search(HUNDRED, EVEN, seeded(0))
    pending = search.next_probes((), 3)
    assert search.next_probes(pending, 3) == ()
    (more,) = search.next_probes(pending, 4)
    assert more.purpose is Purpose.SEARCH


def test_no_more_probes_are_wanted_than_the_budget_allows() -> None:
    search = Search(HUNDRED, replace(EVEN, max_runs=5), seeded(0))
    assert len(search.next_probes((), 8)) == 5


def test_a_finished_search_wants_nothing() -> None:
    assert searched(HUNDRED, bad_in((37, 101))).search.next_probes((), 8) == ()


def test_an_untestable_anchor_gives_way_to_a_value_seen_bad() -> None:
    search = Search(RELEASES, EVEN, seeded(0))
    for value, seen in ((81, UNTESTABLE), (80, BAD)):
        search.record(Probe(value=value, purpose=Purpose.SEARCH), seen, 1.0)
    assert search.outlook.known_bad == 80


def test_a_boundary_is_named_by_values_whose_runs_were_seen() -> None:
    boundary = searched(HUNDRED, bad_in((37, 101))).search.outlook.sides[0].finding()
    assert isinstance(boundary, Boundary)
    assert boundary.rate > 0.9
