"""Releases got from an index of our own, in order to be compared."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bisectrix.errors import InfraError, UsageError
from bisectrix.explain.download import download
from bisectrix.resolve.settings import Index, IndexSettings
from support.wheels import FakeIndex, serving, write_wheel


def write_source_release(folder: Path, version: str, text: str) -> Path:
    release = folder / f"tool-{version}.tar.gz"
    with tarfile.open(release, "w:gz") as archive:
        member = tarfile.TarInfo(f"tool-{version}/src/tool.py")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return release


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FakeIndex]:
    folder = tmp_path / "served"
    folder.mkdir()
    with serving(FakeIndex(folder=folder)) as running:
        yield running


@pytest.fixture
def settings(index: FakeIndex) -> IndexSettings:
    return IndexSettings(default_index=Index(url=index.url))


def test_wheels_are_taken_where_all_have_one(index: FakeIndex, settings: IndexSettings) -> None:
    wheels = [write_wheel(index.folder, "tool", version) for version in ("1.0", "2.0")]
    write_source_release(index.folder, "2.0", "")
    found = download("Tool", ("1.0", "2"), settings)
    assert [release.archive for release in found] == [wheel.name for wheel in wheels]
    assert [release.files["tool.py"] for release in found] == [b"VERSION = '1.0'\n", b"VERSION = '2.0'\n"]
    assert found[0].sha256 == hashlib.sha256(wheels[0].read_bytes()).hexdigest()


def test_source_releases_are_taken_where_one_has_no_wheel(index: FakeIndex, settings: IndexSettings) -> None:
    write_wheel(index.folder, "tool", "1.0")
    for version in ("1.0", "2.0"):
        write_source_release(index.folder, version, f"X = {version}\n")
    found = download("tool", ("1.0", "2.0"), settings)
    assert [(release.archive, release.files) for release in found] == [
        ("tool-1.0.tar.gz", {"tool.py": b"X = 1.0\n"}),
        ("tool-2.0.tar.gz", {"tool.py": b"X = 2.0\n"}),
    ]


def test_where_nothing_is_common_each_is_what_there_is(index: FakeIndex, settings: IndexSettings) -> None:
    write_wheel(index.folder, "tool", "1.0")
    write_source_release(index.folder, "2.0", "")
    found = download("tool", ("1.0", "2.0"), settings)
    assert [release.archive for release in found] == ["tool-1.0-py3-none-any.whl", "tool-2.0.tar.gz"]


def test_the_wheel_for_this_machine_is_preferred(index: FakeIndex, settings: IndexSettings) -> None:
    wheel = write_wheel(index.folder, "tool", "1.0")
    for tag in ("cp27-cp27m-win32", "zz9-none-any"):
        wheel.with_name(f"tool-1.0-{tag}.whl").write_bytes(wheel.read_bytes())
    (found,) = download("tool", ("1.0",), settings)
    assert found.archive == wheel.name


def test_a_file_with_another_digest_than_promised_is_refused(
    index: FakeIndex, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(index.folder, "tool", "1.0")
    answer = index.answer

    def tampered(path: str, authorization: str) -> tuple[int, str, bytes]:
        status, kind, body = answer(path, authorization)
        return status, kind, body + b"!" if path.startswith("/files") else body

    monkeypatch.setattr(index, "answer", tampered)
    with pytest.raises(InfraError, match="promised"):
        download("tool", ("1.0",), settings)


def test_a_project_or_release_that_does_not_exist_is_the_users_mistake(
    index: FakeIndex, settings: IndexSettings
) -> None:
    write_wheel(index.folder, "tool", "1.0")
    with pytest.raises(UsageError, match=r"has a release '9\.9'"):
        download("tool", ("1.0", "9.9"), settings)
    with pytest.raises(UsageError, match="knows a project 'tolo'"):
        download("tolo", ("1.0",), settings)


def test_an_index_that_is_not_there_is_our_failure(index: FakeIndex) -> None:
    with serving(FakeIndex(folder=index.folder)) as other:
        gone = other.url
    with pytest.raises(InfraError, match="does not answer as it should"):
        download("tool", ("1.0",), IndexSettings(default_index=Index(url=gone)))


def test_a_file_that_has_gone_is_our_failure(index: FakeIndex, settings: IndexSettings) -> None:
    wheel = write_wheel(index.folder, "tool", "1.0")
    (found,) = download("tool", ("1.0",), settings)
    assert found.files
    gone = IndexSettings(no_index=True, find_links=(str(index.folder),))
    wheel.chmod(0)
    wheel.unlink()
    wheel.symlink_to("nowhere")
    with pytest.raises(InfraError, match="cannot be read"):
        download("tool", ("1.0",), gone)


def test_a_file_that_is_too_large_is_not_taken_to_its_end(
    index: FakeIndex, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(index.folder, "tool", "1.0", files={"large.txt": "x" * 2_000_000})
    monkeypatch.setattr("bisectrix.explain.download.LARGEST_MIB", 1)
    with pytest.raises(InfraError, match="larger than 1 MiB"):
        download("tool", ("1.0",), settings)


def test_files_get_the_credentials_of_the_index_on_their_host(index: FakeIndex) -> None:
    write_wheel(index.folder, "tool", "1.0")
    index.user_password = "me:hush"  # noqa: S105  (nobody's)
    (found,) = download("tool", ("1.0",), IndexSettings(default_index=Index(url=index.url)))
    assert "tool.py" in found.files
    assert any(path.startswith("/files/") for path in index.requests)


def test_a_folder_of_wheels_is_enough(index: FakeIndex) -> None:
    write_wheel(index.folder, "tool", "1.0")
    (found,) = download("tool", ("1.0",), IndexSettings(no_index=True, find_links=(str(index.folder),)))
    assert "tool.py" in found.files
    assert index.requests == []
