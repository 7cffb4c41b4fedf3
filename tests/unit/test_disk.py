"""What a folder holds too much of, files that were deleted and are open among it."""

from __future__ import annotations

import os
from pathlib import Path

from bisectrix.supervise.disk import nameless_bytes, too_much

MIB = 1 << 20


def test_a_folder_may_hold_just_as_much_as_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(MIB))
    assert too_much(str(tmp_path), MIB) == ""
    (tmp_path / "other").write_bytes(b"x")
    assert too_much(str(tmp_path), MIB) == "more than 1 MiB in its folder"


def test_a_file_that_was_deleted_and_is_open_counts_once(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(2 * MIB)
        again = os.dup(file.fileno())
        assert nameless_bytes(str(tmp_path), [os.getpid()]) == 0
        (tmp_path / "file").unlink()
        found = nameless_bytes(str(tmp_path), [os.getpid()]), nameless_bytes(f"{tmp_path}-other", [os.getpid()])
        os.close(again)
    assert found == (2 * MIB, 0)
    assert too_much(str(tmp_path), MIB, found[0]) == "more than 1 MiB in its folder"
