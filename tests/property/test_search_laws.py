"""Laws of searching that hold for any planted change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bisectrix.search.answers import Found, NonMonotone, Undecided
from bisectrix.search.delta import Delta, Minimal
from bisectrix.search.driver import Search
from bisectrix.search.question import Around, Between, Question, Terms
from support.searching import EVEN, bad_in, needs, reduced, searched, seeded, without


@st.composite
def planted(draw: st.DrawFn) -> tuple[int, int, set[int]]:
    """Draw a number of values, the first bad one, and values that cannot be tested, never the ends."""
    size = draw(st.integers(2, 120))
    edge = draw(st.integers(1, size - 1))
    untestable = draw(st.sets(st.integers(1, size - 2), max_size=size // 3)) if size > 3 else set()
    return size, edge, untestable


@given(planted(), st.integers(1, 9), st.sampled_from([Terms(), Terms(deterministic=True)]))
@settings(max_examples=30)
def test_any_planted_boundary_is_found_and_no_untestable_value_is_named(
    plant: tuple[int, int, set[int]], workers: int, terms: Terms
) -> None:
    size, edge, untestable = plant
    question = Question(size=size, task=Between(good=0, bad=size - 1))
    answer = searched(
        question, without(untestable, bad_in((edge, size))), replace(terms, stubborn=size), workers=workers
    ).answer
    assert isinstance(answer, Found)
    (boundary,) = answer.boundaries
    assert boundary.last_good == max(value for value in range(edge) if value not in untestable)
    assert boundary.first_bad == min(value for value in range(edge, size) if value not in untestable)
    assert set(boundary.untested) <= untestable


@given(planted(), st.integers(1, 8))
@settings(max_examples=20)
def test_giving_up_a_stretch_never_names_an_untestable_value_and_never_excludes_the_change(
    plant: tuple[int, int, set[int]], stubborn: int
) -> None:
    size, edge, untestable = plant
    question = Question(size=size, task=Between(good=0, bad=size - 1))
    answer = searched(question, without(untestable, bad_in((edge, size))), Terms(stubborn=stubborn)).answer
    assert isinstance(answer, Found)
    (boundary,) = answer.boundaries
    assert boundary.last_good < edge <= boundary.first_bad
    assert not {boundary.last_good, boundary.first_bad} & untestable


@given(st.integers(1, 60), st.data())
@settings(max_examples=20)
def test_both_boundaries_around_any_bad_value_are_found(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(first + 1, size))
    known = data.draw(st.integers(first, end - 1))
    answer = searched(Question(size=size, task=Around(bad=known)), bad_in((first, end))).answer
    if (first, end) == (0, size):
        assert not isinstance(answer, Found | NonMonotone | Undecided)
        return
    assert isinstance(answer, Found)
    named = {(boundary.last_good, boundary.first_bad) for boundary in answer.boundaries}
    assert named == {*([(first - 1, first)] if first else []), *([(end, end - 1)] if end < size else [])}


@given(planted(), st.floats(0.2, 1), st.integers(0, 9))
@settings(max_examples=10)
def test_replaying_what_was_recorded_gives_the_same_state_and_the_same_answer(
    plant: tuple[int, int, set[int]], rate: float, seed: int
) -> None:
    size, edge, untestable = plant
    question = Question(size=size, task=Between(good=0, bad=size - 1))
    terms = Terms(max_runs=60)
    whole = searched(question, without(untestable, bad_in((edge, size), rate=rate)), terms, workers=3, seed=seed)
    again = Search(question, terms, seeded(99))
    for probe, seen in whole.told:
        again.record(probe, seen, 1.0)
    assert again.state == whole.search.state
    assert again.answer() == whole.answer


@given(st.integers(1, 12), st.data())
@settings(max_examples=20)
def test_any_planted_set_of_changes_is_found(size: int, data: st.DataObject) -> None:
    culprits = data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=3))
    result = reduced(size, needs(culprits), workers=data.draw(st.integers(1, 4)))
    assert isinstance(result.answer, Minimal)
    assert [each.changes for each in result.answer.sets] == [tuple(sorted(culprits))]
    again = Delta(size, EVEN)
    for changes, seen in result.told:
        again.record(changes, seen, 1.0)
    assert again.answer() == result.answer


def test_a_credible_set_holds_the_truth_as_often_as_it_says() -> None:
    dice = seeded(5)
    held = 0
    for seed in range(60):
        edge = dice.randint(1, 30)
        question = Question(size=31, task=Between(good=0, bad=30))
        terms = replace(EVEN, max_runs=14)
        answer = searched(question, bad_in((edge, 31), rate=0.4), terms, seed=seed).answer
        if isinstance(answer, Undecided):
            held += edge in answer.credible[0].values
        else:
            assert isinstance(answer, Found)
            held += answer.boundaries[0].first_bad == edge
    assert held >= 0.93 * 60
