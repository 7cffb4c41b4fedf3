"""Planted sets of changes, and the minimal ones."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bisectrix.search.delta import BadWithNone, Delta, GoodWithAll, Minimal, MinimalSet, Unfinished
from bisectrix.search.state import Observation
from bisectrix.search.subsets import Changes, learn_partners, needed_probabilities
from support.searching import BAD, EVEN, GOOD, OTHER_FAILURE, UNTESTABLE, needs, reduced


def only(*changes: int, unconfirmed: tuple[int, ...] = ()) -> Minimal:
    return Minimal(sets=(MinimalSet(changes=changes, unconfirmed=unconfirmed),), is_reversed=True)


def test_one_of_twenty_changes_is_found_in_few_runs() -> None:
    result = reduced(20, needs({7}))
    assert result.answer == only(7)
    assert len(result.told) <= 20


def test_both_directions_are_verified() -> None:
    told = dict(reduced(20, needs({7})).told)
    assert told[frozenset({7})] is BAD
    assert told[frozenset(range(20)) - {7}] is GOOD


def test_two_changes_that_only_together_hang_are_found() -> None:
    assert reduced(20, needs({7, 13})).answer == only(7, 13)


def test_two_changes_that_each_suffice_are_two_sets() -> None:
    answer = reduced(20, needs({7}, {11})).answer
    assert isinstance(answer, Minimal)
    assert {each.changes for each in answer.sets} == {(7,), (11,)}
    assert answer.is_reversed


def test_a_single_change_is_its_own_minimal_set() -> None:
    assert reduced(1, needs({0})).answer == only(0)


def test_changes_that_only_resolve_together_stay_together() -> None:
    def truth(changes: Changes, dice: Random) -> Observation:
        return UNTESTABLE if (3 in changes) != (7 in changes) else needs({7})(changes, dice)

    assert reduced(20, truth).answer == only(3, 7, unconfirmed=(3, 7))


def test_a_change_that_needs_a_partner_is_still_cleared_of_all_others() -> None:
    def truth(changes: Changes, dice: Random) -> Observation:
        return OTHER_FAILURE if 7 in changes and 3 not in changes else needs({7})(changes, dice)

    answer = reduced(12, truth).answer
    assert isinstance(answer, Minimal)
    assert answer.sets[0].changes == (3, 7)


def test_a_flaky_bug_is_reduced() -> None:
    assert reduced(12, needs({7}, rate=0.5), seed=1).answer == only(7)


def test_a_flaky_bug_is_reduced_where_the_good_side_fails_too() -> None:
    def truth(changes: Changes, dice: Random) -> Observation:
        return BAD if dice.random() < (0.8 if 7 in changes else 0.05) else GOOD

    assert reduced(12, truth, replace(EVEN, matched=False)).answer == only(7)


def test_four_workers_need_fewer_rounds() -> None:
    alone, together = reduced(20, needs({7, 13})), reduced(20, needs({7, 13}), workers=4)
    assert together.answer == alone.answer
    assert together.rounds < alone.rounds


def test_a_bad_side_that_is_good_is_an_answer() -> None:
    assert reduced(5, needs(), replace(EVEN, rarest=0.3)).answer == GoodWithAll()


def test_a_good_side_that_is_bad_is_an_answer() -> None:
    assert reduced(5, needs(set())).answer == BadWithNone()


def test_a_spent_budget_leaves_the_smallest_bad_set() -> None:
    answer = reduced(20, needs({7}), replace(EVEN, max_runs=9)).answer
    assert isinstance(answer, Unfinished)
    assert 7 in answer.smallest
    assert len(answer.smallest) < 20


def test_a_side_that_does_not_resolve_ends_the_search() -> None:
    delta = Delta(3, EVEN)
    delta.record(frozenset(), UNTESTABLE, 1.0)
    assert delta.answer() == Unfinished(reason="one of the two sides cannot be run", smallest=(0, 1, 2))


def test_a_set_seen_good_and_bad_is_not_deterministic() -> None:
    delta = Delta(3, replace(EVEN, deterministic=True))
    for seen in (BAD, GOOD):
        delta.record(frozenset(range(3)), seen, 1.0)
    assert isinstance(delta.answer(), Unfinished)


def test_a_set_under_way_is_not_asked_for_again() -> None:
    delta = Delta(8, replace(EVEN, deterministic=True))
    for changes, seen in ((frozenset(range(8)), BAD), (frozenset[int](), GOOD)):
        delta.record(changes, seen, 1.0)
    pending = delta.next_sets((), 3)
    assert len(set(pending)) == 3
    assert not set(pending) & set(delta.next_sets(pending, 6))


def test_taking_back_what_turns_good_makes_its_members_likelier_needed() -> None:
    needed = needed_probabilities(frozenset(range(4)), [frozenset({0, 1, 2})])
    assert needed[3] == 1
    assert needed[0] < 1


def test_a_pair_that_was_parted_and_resolved_is_not_suspected() -> None:
    every = frozenset(range(3))
    partners = learn_partners(every, [frozenset({0})], [frozenset({0, 1})])
    assert partners.chance(frozenset({0, 1}), frozenset({2})) == 1
    assert partners.chance(frozenset({0, 2}), frozenset({1})) < 1
