"""Files that are whole or not there, and one writer at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.record.files import one_at_a_time, write_if_new, write_whole


def test_a_file_is_replaced_whole_and_readable_by_all(tmp_path: Path) -> None:
    file = tmp_path / "new" / "file"
    write_whole(file, b"one")
    write_whole(file, b"two")
    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o644
    assert list(file.parent.iterdir()) == [file]


def test_equal_content_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_if_new(file, b"one")
    before = file.stat().st_ino
    write_if_new(file, b"one")
    assert file.stat().st_ino == before
    write_if_new(file, b"two")
    assert file.read_bytes() == b"two"


def test_who_waits_too_long_is_told_what_for(tmp_path: Path) -> None:
    with (
        one_at_a_time(tmp_path),
        pytest.raises(InfraError, match="held by another program") as held,
        one_at_a_time(tmp_path, deadline_s=0.0),
    ):
        pytest.fail("two at a time")
    assert held.value.place == str(tmp_path)


def test_a_folder_is_free_again_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyError), one_at_a_time(tmp_path):
        raise KeyError
    with one_at_a_time(tmp_path, deadline_s=0.0):
        pass
