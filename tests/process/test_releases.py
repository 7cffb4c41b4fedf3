"""Releases as indexes and folders tell them: order, ranges, what is left out, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bisectrix.errors import InfraError, UsageError
from bisectrix.resolve.releases import all_releases, releases
from bisectrix.resolve.settings import BEST_MATCH, Index, IndexSettings
from support.wheels import FakeIndex, serving, write_unbuildable, write_wheel


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FakeIndex]:
    folder = tmp_path / "served"
    folder.mkdir()
    for version in ("2.0", "10.0", "9.0", "11.0rc1", "3.0", "1.0.post1"):
        write_wheel(folder, "tool", version)
    (folder / "tool-0.1-py2.7.egg").write_text("")
    with serving(FakeIndex(folder=folder, yanked={"tool-3.0-py3-none-any.whl"})) as running:
        yield running


@pytest.fixture
def settings(index: FakeIndex) -> IndexSettings:
    return IndexSettings(default_index=Index(url=index.url))


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        pytest.param("", ("1.0.post1", "2.0", "9.0", "10.0"), id="all"),
        pytest.param(">=2,<10", ("2.0", "9.0"), id="range"),
        pytest.param(">=9,<12.0rc1", ("9.0", "10.0", "11.0rc1"), id="pre-release-named"),
        pytest.param("==3.0", ("3.0",), id="yanked-named"),
        pytest.param("==3.*", (), id="yanked-not-named"),
        pytest.param(">50", (), id="none"),
    ],
)
def test_a_range_admits_releases_oldest_first(
    settings: IndexSettings, specifier: str, expected: tuple[str, ...]
) -> None:
    assert releases("tool", specifier, settings) == expected


def test_a_release_carries_what_a_search_wants_to_know(index: FakeIndex, settings: IndexSettings) -> None:
    write_unbuildable(index.folder, "tool", "2.0")
    index.uploaded["tool-2.0.tar.gz"] = "2019-05-04T03:02:01Z"
    second = next(release for release in all_releases("tool", settings) if str(release.version) == "2.0")
    assert second.uploaded_at == datetime(2019, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert second.files == ("tool-2.0-py3-none-any.whl", "tool-2.0.tar.gz")
    assert [str(release.version) for release in all_releases("tool", settings) if release.yanked] == ["3.0"]


def test_a_malformed_range_is_the_users_mistake(settings: IndexSettings) -> None:
    with pytest.raises(UsageError, match="'=>2' is no range of versions"):
        releases("tool", "=>2", settings)


def test_an_unknown_project_is_the_users_mistake(settings: IndexSettings) -> None:
    with pytest.raises(UsageError, match="knows a project 'tolo'"):
        releases("tolo", "", settings)


def test_an_index_that_demands_credentials_gets_them(index: FakeIndex) -> None:
    index.user_password = "me:hush%2Fhush"  # noqa: S105  (nobody's)
    with_them = IndexSettings(default_index=Index(url=index.url))
    index.user_password = "me:hush/hush"  # noqa: S105
    assert releases("tool", ">=10", with_them) == ("10.0",)


def test_refused_credentials_are_our_failure_and_are_not_shown(index: FakeIndex) -> None:
    index.user_password = "me:right-word"  # noqa: S105  (nobody's)
    wrong = IndexSettings(default_index=Index(url=index.url.replace("right-word", "wrong-word")))
    with pytest.raises(InfraError, match="401") as caught:
        releases("tool", "", wrong)
    assert "wrong-word" not in str(caught.value)


def test_an_index_that_fails_is_our_failure(index: FakeIndex, settings: IndexSettings) -> None:
    index.status = 500
    with pytest.raises(InfraError, match="does not answer as it should"):
        releases("tool", "", settings)


def test_an_index_that_is_not_there_is_our_failure(index: FakeIndex) -> None:
    with serving(FakeIndex(folder=index.folder)) as other:
        gone = other.url
    with pytest.raises(InfraError, match="does not answer as it should"):
        releases("tool", "", IndexSettings(default_index=Index(url=gone)))


def test_offline_nothing_is_asked(index: FakeIndex) -> None:
    with pytest.raises(InfraError, match="UV_OFFLINE"):
        releases("tool", "", IndexSettings(default_index=Index(url=index.url), offline=True))
    assert index.requests == []


def test_a_folder_of_wheels_is_enough(index: FakeIndex) -> None:
    settings = IndexSettings(no_index=True, find_links=(str(index.folder),))
    assert releases("Tool", ">=9", settings) == ("9.0", "10.0")
    assert index.requests == []


FolderIndex = Callable[[str], Index]


@pytest.fixture
def folder_index(tmp_path: Path) -> FolderIndex:
    """An index made of files, with one release of tool."""

    def make(version: str) -> Index:
        page = tmp_path / "files-index" / "tool" / "index.html"
        page.parent.mkdir(parents=True)
        name = f"tool-{version}-py3-none-any.whl"
        page.write_text(f'<!DOCTYPE html><a href="../../files/{name}">{name}</a>')
        return Index(url=(tmp_path / "files-index").as_uri())

    return make


def test_the_first_index_that_knows_a_project_is_the_only_one_asked(
    index: FakeIndex, folder_index: FolderIndex
) -> None:
    extra = folder_index("0.5")
    settings = IndexSettings(default_index=Index(url=index.url), extra_indexes=(extra,))
    assert releases("tool", "", settings) == ("0.5",)
    assert index.requests == []


def test_all_indexes_together_are_asked_where_pip_would(index: FakeIndex, folder_index: FolderIndex) -> None:
    extra = folder_index("0.5")
    settings = IndexSettings(default_index=Index(url=index.url), extra_indexes=(extra,), strategy=BEST_MATCH)
    assert releases("tool", "<9", settings) == ("0.5", "1.0.post1", "2.0")


def test_an_extra_index_that_lacks_the_project_is_passed_over(index: FakeIndex, folder_index: FolderIndex) -> None:
    write_wheel(index.folder, "other", "1.0")
    settings = IndexSettings(default_index=Index(url=index.url), extra_indexes=(folder_index("0.5"),))
    assert releases("other", "", settings) == ("1.0",)
