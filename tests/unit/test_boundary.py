"""Where a bug begins and ends along an axis, and what to pin."""

from __future__ import annotations

import pytest

from bisectrix.judge.boundary import Edge, bad_ranges, combined, lines, pins
from support.tables import line, result


@pytest.mark.parametrize(
    ("letters", "texts", "specifiers"),
    [
        ("ggbbgg", [">=3,<5"], [">=5", "<3"]),
        ("ggbb", [">=3"], ["<3"]),
        ("bbgg", ["<3"], [">=3"]),
        ("bbb", [""], []),
        ("ggg", [], []),
        ("sss", [], []),
        ("", [], []),
        ("gsbbsg", [">=3,<=4"], [">=6", "<=1"]),
        ("gbsbg", [">=2,<5"], [">=5", "<2"]),
        ("gbgbg", [">=2,<3", ">=4,<5"], [">=5", ">=3,<4", "<2"]),
        ("sbbs", [">=2,<=3"], []),
        ("bgs", ["<2"], [">=2,<=2"]),
        ("sgb", [">=3"], [">=2,<3"]),
    ],
)
def test_ranges_and_pins_are_read_off_a_line(letters: str, texts: list[str], specifiers: list[str]) -> None:
    tried = line(letters)
    assert [found.text for found in bad_ranges(tried)] == texts
    assert [pin.specifier for pin in pins(tried)] == specifiers


def test_a_range_names_the_values_around_it_and_the_untested_between() -> None:
    found = bad_ranges(line("gsbsbssg"))[0]
    assert found.introduced == Edge(good="1", bad="3", untested=("2",))
    assert found.fixed == Edge(good="8", bad="5", untested=("6", "7"))
    assert (found.values, found.untested) == (("3", "5"), ("4",))


def test_a_side_without_a_good_value_has_no_edge() -> None:
    found = bad_ranges(line("sbb"))[0]
    assert (found.introduced, found.fixed) == (None, None)


def test_a_pin_is_verified_by_the_newest_cell_that_it_admits() -> None:
    assert [(pin.specifier, pin.cell.name) for pin in pins(line("ggbgg"))] == [(">=4", "r@pkg=5"), ("<3", "r@pkg=2")]


def test_results_are_laid_out_in_lines_ordered_by_version() -> None:
    results = [
        result("b", pkg="10.0", python="3.12"),
        result("g", pkg="9.0", python="3.12"),
        result("g", pkg="9.0", python="3.13"),
        result("g", python="3.13"),
    ]
    found = lines(results, "pkg")
    assert [(each.fixed, [one.value for one in each.tried]) for each in found] == [
        ((("python", "3.12"),), ["9.0", "10.0"]),
        ((("python", "3.13"),), ["9.0"]),
    ]


def test_values_that_are_no_versions_keep_their_order() -> None:
    found = lines([result("g", resolution="lowest-direct"), result("b", resolution="highest")], "resolution")
    assert [one.value for one in found[0].tried] == ["lowest-direct", "highest"]


def test_lines_are_combined_by_the_worst_that_was_seen() -> None:
    results = [
        *(
            result("g", pkg="1", python="3.12"),
            result("g", pkg="2", python="3.12"),
            result("s", pkg="3", python="3.12"),
        ),
        *(
            result("g", pkg="1", python="3.13"),
            result("b", pkg="2", python="3.13"),
            result("g", pkg="3", python="3.13"),
        ),
    ]
    merged = combined(lines(results, "pkg"))
    assert [one.verdict for one in merged] == ["good", "bad", "good"]
    assert [one.cell.name for one in merged][1:] == ["r@pkg=2,python=3.13", "r@pkg=3,python=3.13"]
