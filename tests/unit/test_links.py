"""Which addresses a project's metadata leads to."""

from __future__ import annotations

import pytest

from bisectrix.explain.links import links
from bisectrix.explain.metadata import Metadata

GITHUB = "https://github.com/me/tool"
GITLAB = "https://gitlab.example.org/group/sub/tool"


def found(*urls: tuple[str, str], description: str = "") -> dict[str, str]:
    sides = (Metadata(version=version, urls=urls, description=description) for version in ("1.0", "2.0"))
    return {link.label: link.url for link in links(*sides)}


def test_without_an_example_of_a_tag_there_is_no_comparison() -> None:
    assert found(("Homepage", GITHUB)) == {"source": GITHUB}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{GITHUB}/releases/tag/v2.0", f"{GITHUB}/compare/v1.0...v2.0"),
        (f"{GITHUB}/blob/2.0/CHANGES.md", f"{GITHUB}/compare/1.0...2.0"),
        (f"{GITHUB}/archive/refs/tags/tool-2.0.tar.gz", f"{GITHUB}/compare/tool-1.0...tool-2.0"),
        (f"{GITHUB}/compare/v1.9...v2.0", f"{GITHUB}/compare/v1.0...v2.0"),
        (f"{GITHUB}.git", None),
        (f"{GITHUB}/releases/tag/v2.0.1", None),
        (f"{GITHUB}/releases/tag/v12.0", None),
        (f"{GITLAB}/-/tags/v2.0", f"{GITLAB}/-/compare/v1.0...v2.0"),
        ("https://github.com/you/other/releases/tag/v2.0", None),
    ],
)
def test_the_comparison_follows_an_example_of_a_tag(url: str, expected: str | None) -> None:
    repository = GITLAB if "gitlab" in url else GITHUB
    assert found(("Source", repository), ("Notes", url)).get("compare") == expected


def test_the_example_may_stand_in_the_description() -> None:
    description = f"See [what is new]({GITHUB}/tree/v2.0/docs)."
    assert found(("Source", GITHUB), description=description)["compare"] == f"{GITHUB}/compare/v1.0...v2.0"


def test_the_example_of_the_older_release_will_do() -> None:
    old = Metadata(version="1.0", urls=(("Download", f"{GITHUB}/archive/v1.0.zip"),))
    new = Metadata(version="2.0", urls=(("Source", GITHUB),))
    assert links(old, new)[0].url == f"{GITHUB}/compare/v1.0...v2.0"


def test_the_changelog_is_known_by_its_label_and_the_source_by_its_label_before_any_other() -> None:
    site, log = "https://github.com/me/site", "https://tool.example.org/log"
    assert found(("Homepage", site), ("Source Code", GITHUB), ("Release-notes", log)) == {
        "changelog": log,
        "source": GITHUB,
    }


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://x.test/a b", "https://github.com/sponsors/me", "UNKNOWN", "", "git@host:a/b"],
)
def test_what_leads_nowhere_is_left_out(url: str) -> None:
    urls = ("Homepage", url), ("Changelog", url if not url.startswith("https://github") else "")
    assert found(*urls) == {}
