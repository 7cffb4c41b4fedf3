"""Posteriors by hand, and what a run is expected to tell."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from bisectrix.search.belief import believe
from bisectrix.search.choice import candidates, gains
from bisectrix.search.line import make_line
from bisectrix.search.question import Terms, runs_to_see
from bisectrix.search.rates import Model, Rates, entropy, rate_grid
from bisectrix.search.regimes import likeliest_regimes, more_than_one_change

ALWAYS = rate_grid(matched=True, steady=1)
MATCHED = rate_grid(matched=True, steady=0.5)
UNMATCHED = rate_grid(matched=False, steady=0.5)


@pytest.mark.parametrize("grid", [ALWAYS, MATCHED, UNMATCHED])
def test_the_prior_of_all_rates_together_is_one(grid: tuple[Rates, ...]) -> None:
    assert sum(rates.prior for rates in grid) == pytest.approx(1)


def test_matched_failures_leave_no_bug_on_the_good_side() -> None:
    assert {rates.good for rates in MATCHED} == {0}
    assert {rates.model for rates in MATCHED} == {Model.DETERMINISTIC, Model.FLAKY}


def test_a_bad_side_fails_clearly_more_often_than_a_good_one() -> None:
    both = [rates for rates in UNMATCHED if rates.model is Model.FLAKY_BOTH_SIDES]
    assert both
    assert all(rates.bad >= 1.5 * rates.good + 0.02 for rates in both)


def test_the_prior_follows_the_share_that_is_expected_to_be_steady() -> None:
    weights = dict.fromkeys(Model, 0.0)
    for rates in UNMATCHED:
        weights[rates.model] += rates.prior
    assert weights == pytest.approx(
        {
            Model.DETERMINISTIC: 0.5,
            Model.FLAKY: 0.3,
            Model.FLAKY_BOTH_SIDES: 0.2,
        }
    )


def test_an_untestable_value_gives_its_prior_to_the_next_one_above() -> None:
    line = make_line(range(5), [1, 1, 1, 1], {2}, unbounded=0.02)
    assert line.values == (0, 1, 3, 4)
    assert line.prior == pytest.approx((0.02, 0.24, 0.48, 0.24, 0.02))
    assert line.below[-1] == pytest.approx(1)


def test_an_untestable_bad_end_cannot_be_told_from_no_change() -> None:
    line = make_line(range(3), [1, 1], {2}, unbounded=0.02)
    assert line.values == (0, 1)
    assert line.prior == pytest.approx((0.02, 0.48, 0.5))


def test_one_bad_and_one_good_run_leave_the_edges_between_them() -> None:
    line = make_line(range(11), [1] * 10, (), unbounded=0.02)
    belief = believe(line, {2: (0, 1), 6: (1, 0)}, ALWAYS)
    assert belief is not None
    assert [belief.probability(edge) for edge in range(12)] == pytest.approx([0] * 3 + [0.25] * 4 + [0] * 5)


def test_the_posterior_of_a_flaky_bug_by_hand() -> None:
    half = tuple(replace(rates, prior=1.0) for rates in MATCHED if rates.bad == 0.48)
    line = make_line(range(3), [1, 1], (), unbounded=0.02)
    belief = believe(line, {1: (0, 2), 2: (1, 0)}, half)
    assert belief is not None
    missed = 0.52**2
    total = 0.02 * missed + 0.48 * missed + 0.48
    expected = [0.02 * missed / total, 0.48 * missed / total, 0.48 / total, 0]
    assert [belief.probability(edge) for edge in range(4)] == pytest.approx(expected)


def test_a_good_run_above_a_bad_one_has_no_deterministic_explanation() -> None:
    line = make_line(range(5), [1] * 4, (), unbounded=0.02)
    counts = {1: (1, 0), 3: (0, 1)}
    assert believe(line, counts, ALWAYS) is None
    belief = believe(line, counts, MATCHED)
    assert belief is not None
    assert belief.models[Model.DETERMINISTIC] == 0
    assert belief.best() <= 1


def test_bad_runs_elsewhere_tell_of_the_rate_and_not_of_the_edge() -> None:
    line = make_line(range(5), [1] * 4, (), unbounded=0.02)
    alone = believe(line, {0: (0, 1), 4: (1, 0)}, MATCHED)
    helped = believe(replace(line, bad_elsewhere=(9, 0)), {0: (0, 1), 4: (1, 0)}, MATCHED)
    assert alone is not None
    assert helped is not None
    assert helped.segment_of(2).bad_rate > alone.segment_of(2).bad_rate


def test_half_of_a_deterministic_line_tells_one_bit() -> None:
    line = make_line(range(9), [1] * 8, (), unbounded=0.02)
    belief = believe(line, {0: (0, 1), 8: (1, 0)}, ALWAYS)
    assert belief is not None
    assert candidates(belief) == tuple(range(9))
    bits = [gain.bits for gain in gains(belief, range(9))]
    assert bits[4] == pytest.approx(1)
    assert bits[0] == pytest.approx(0)
    assert max(bits) == bits[4]


def test_the_rates_that_a_probe_may_show_are_between_none_and_the_bad_end() -> None:
    line = make_line(range(9), [1] * 8, (), unbounded=0.02)
    belief = believe(line, {0: (0, 1), 8: (3, 1)}, MATCHED)
    assert belief is not None
    expected = [gain.bad for gain in gains(belief, range(9))]
    assert expected == sorted(expected)


@pytest.mark.parametrize(("rate", "runs"), [(1, 1), (0.95, 1), (0.5, 5), (0.3, 9), (0.03, 99)])
def test_as_many_runs_as_show_a_bug_at_the_confidence_asked_for(rate: float, runs: int) -> None:
    assert runs_to_see(rate, 0.95) == runs == Terms().runs_to_see(rate)
    assert rate >= 0.95 or (1 - rate) ** runs <= 0.05 < (1 - rate) ** (runs - 1)


def test_an_island_of_good_values_is_taken_for_more_than_one_change() -> None:
    counts = {90: (4, 0), 60: (0, 4), 20: (4, 0), 5: (0, 3)}
    assert more_than_one_change(counts, 100, MATCHED) > 0.95
    assert likeliest_regimes(counts, 100, MATCHED) == (
        (True, (90,)),
        (False, (60,)),
        (True, (20,)),
        (False, (5,)),
    )


def test_good_runs_of_a_flaky_bad_side_are_not() -> None:
    counts = {90: (1, 3), 80: (0, 1), 60: (0, 2), 40: (1, 2), 20: (0, 9)}
    assert more_than_one_change(counts, 100, MATCHED) < 0.05


def test_one_change_is_not_even_computed() -> None:
    assert more_than_one_change({90: (4, 0), 60: (0, 4)}, 100, MATCHED) == 0


def test_a_run_that_tells_of_the_rate_alone_counts_half_of_what_it_tells() -> None:
    line = make_line(range(9), [1] * 8, (), unbounded=0.02)
    belief = believe(line, {8: (1, 3)}, MATCHED)
    assert belief is not None
    (gain,) = gains(belief, [8])
    known = sum(weight * entropy(rates.bad) for rates, weight in zip(MATCHED, belief.weights, strict=True))
    assert gain.bits == pytest.approx((entropy(gain.bad) - known) / 2)


def test_a_run_that_tells_of_the_edge_alone_counts_whole() -> None:
    known = tuple(replace(rates, prior=1.0) for rates in MATCHED if rates.bad == 0.48)
    line = make_line(range(9), [1] * 8, (), unbounded=0.02)
    belief = believe(line, {0: (0, 1), 8: (1, 0)}, known)
    assert belief is not None
    (gain,) = gains(belief, [4])
    above = gain.bad / 0.48
    assert gain.bits == pytest.approx(entropy(gain.bad) - above * entropy(0.48))


def test_lucky_first_runs_are_doubted_by_leaving_out_the_greatest_rates() -> None:
    line = make_line(range(3), [1, 1], (), unbounded=0.02)
    belief = believe(line, {0: (0, 3), 1: (0, 2), 2: (2, 0)}, MATCHED)
    assert belief is not None
    joint = belief.together(2)
    assert belief.unless_lucky(joint, 0) == pytest.approx(sum(joint))
    steady = belief.models[Model.DETERMINISTIC]
    flaky = sum(joint[1:]) / (1 - steady)
    assert belief.unless_lucky(joint, steady) == pytest.approx(flaky)
    assert belief.unless_lucky(joint, 0.9) < flaky < sum(joint)


def test_neighbouring_rates_of_rare_bugs_differ_by_less_than_a_third() -> None:
    rare = sorted(rates.bad for rates in MATCHED if rates.bad < 0.5)
    assert all(upper < 4 / 3 * lower for lower, upper in pairwise(rare))
