"""Whether failures of good values could be taken for the declared bug."""

from __future__ import annotations

import pytest

from bisectrix.model.repro import Bug
from bisectrix.model.words import BugKind


@pytest.mark.parametrize(
    "bug",
    [
        Bug(kind=BugKind.HANG),
        Bug(kind=BugKind.CRASH),
        Bug(kind=BugKind.PRINTS, pattern="lost"),
        Bug(kind=BugKind.RAISES, pattern="KeyError"),
        Bug(kind=BugKind.RAISES, stack=("pool.py",)),
        Bug(kind=BugKind.FAIL, pattern="AlreadyLocked"),
    ],
)
def test_a_bug_with_a_face_of_its_own_is_signed(bug: Bug) -> None:
    assert bug.is_signed


@pytest.mark.parametrize(
    "bug", [Bug(kind=BugKind.FAIL), Bug(kind=BugKind.FAIL, exit_codes=(1,)), Bug(kind=BugKind.RAISES)]
)
def test_just_any_failure_is_not(bug: Bug) -> None:
    assert not bug.is_signed
