"""`bisectrix run --git-bisect`: the answer in the exit codes that `git bisect run` reads."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import assert_never

from bisectrix.errors import UsageError
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Decided, Skipped
from bisectrix.model.words import SkipReason, Verdict

OPTION = "--git-bisect"
LISTED = 5
NOTHING_CHECKED_OUT = "note: without --with-source NAME=FOLDER what is checked out has no part in this"


class GitBisectCode(IntEnum):
    """What `git bisect run` makes of an exit status; from 128 on it stops, and nothing is marked."""

    GOOD = 0
    BAD = 1
    SKIP = 125
    ABORT = 128


def code_of(results: Sequence[CellResult]) -> GitBisectCode:
    """Return the answer of a run of one cell, which has no result when our side failed or it was interrupted."""
    return _code(results[0]) if results else GitBisectCode.ABORT


def without_answer(code: int, argv: Sequence[str]) -> int:
    """Return the exit code of a command that ended without an answer, which git must take neither for good nor bad."""
    return GitBisectCode.ABORT if OPTION in argv else code


def check_one_cell(cells: Sequence[Cell]) -> None:
    """See that there is one question to answer.

    Raises:
        UsageError: there are several cells.
    """
    if len(cells) > 1:
        first = ", ".join(cell.name for cell in cells[:LISTED])
        more = ", ..." if len(cells) > LISTED else ""
        raise UsageError(
            f"{OPTION} needs one cell, and {len(cells)} are selected: {first}{more}",
            hint="choose one with -k, such as -k python=3.12",
        )


def _code(result: CellResult) -> GitBisectCode:
    match result.judgement:
        case Decided(verdict=verdict):
            return GitBisectCode.BAD if verdict is Verdict.BAD else GitBisectCode.GOOD
        case Skipped(reason=reason):
            return _skipped(reason)


def _skipped(reason: SkipReason) -> GitBisectCode:
    """Skip the commit, unless it is the machine that lacks something: all commits would be skipped then."""
    match reason:
        case SkipReason.NO_INTERPRETER | SkipReason.NO_ENGINE | SkipReason.NO_IMAGE:
            return GitBisectCode.ABORT
        case SkipReason.UNSATISFIABLE | SkipReason.UNBUILDABLE | SkipReason.INSTALL_FAILED:
            return GitBisectCode.SKIP
        case SkipReason.OTHER_FAILURE | SkipReason.TIMEOUT | SkipReason.UNDECIDED:
            return GitBisectCode.SKIP
        case _:
            assert_never(reason)
