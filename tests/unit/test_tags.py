"""Which tag stands for a release."""

from __future__ import annotations

import pytest

from bisectrix.commits.tags import near_tags, tag_of


@pytest.mark.parametrize(
    "tag",
    [
        *("v1.2.3", "1.2.3", "V1.2.3", "v.1.2.3"),
        *("tiny-tool-1.2.3", "tiny-tool-v1.2.3", "tiny_tool/v1.2.3", "tiny-tool@1.2.3", "TinyTool-1.2.3"),
        *("release-1.2.3", "release/1.2.3", "rel_1_2_3", "version-1-2-3", "REL1_2_3"),
        "1.2.3.0",
    ],
)
def test_the_usual_styles_are_understood(tag: str) -> None:
    assert tag_of(["nightly", "v1.2.2", "v1.2.30", tag], "Tiny.Tool", "1.2.3") == tag


@pytest.mark.parametrize("tag", ["other-1.2.3", "v1.2.3rc1", "v1.2", "x1.2.3", "tiny-tool-extra-1.2.3", "nightly"])
def test_what_stands_for_something_else_does_not(tag: str) -> None:
    assert tag_of([tag], "tiny-tool", "1.2.3") is None


def test_a_pre_release_is_found_in_any_spelling() -> None:
    assert tag_of(["v2.0.0", "v2.0.0-rc.1"], "tiny", "2.0rc1") == "v2.0.0-rc.1"


def test_one_that_names_the_package_wins() -> None:
    assert tag_of(["v1.0", "tiny-1.0", "1.0"], "tiny", "1.0") == "tiny-1.0"


def test_the_neighbours_of_a_missing_one_are_listed_oldest_first() -> None:
    tags = [f"v1.{minor}" for minor in (10, 9, 8, 5, 4, 3, 2, 1)]
    assert near_tags(tags, "tiny", "1.6") == ("v1.3", "v1.4", "v1.5", "v1.8", "v1.9", "v1.10")
    assert near_tags(["latest"], "tiny", "1.6") == ()
