"""Verdicts in the exit codes that `git bisect run` reads."""

from __future__ import annotations

import pytest

from bisectrix.cli.git_bisect import check_one_cell, code_of, without_answer
from bisectrix.errors import UsageError
from bisectrix.judge.rate import wilson
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Decided, Judgement, Skipped
from bisectrix.model.words import SkipReason, Verdict

THE_MACHINE_LACKS = {SkipReason.NO_INTERPRETER, SkipReason.NO_ENGINE, SkipReason.NO_IMAGE}


def result(judgement: Judgement) -> CellResult:
    state = Unavailable(reason=SkipReason.NO_ENGINE, explanation="")
    return CellResult(
        cell=Cell(repro="r"), matrix="m", repro_sha256="", state=state, judgement=judgement, finished_at=""
    )


def decided(verdict: Verdict, *, flaky: bool = False) -> CellResult:
    return result(Decided(verdict=verdict, rate=wilson(1, 2), flaky=flaky))


def test_good_is_0_and_bad_is_1_however_seldom() -> None:
    assert code_of([decided(Verdict.GOOD)]) == 0
    assert code_of([decided(Verdict.BAD)]) == 1
    assert code_of([decided(Verdict.BAD, flaky=True)]) == 1


@pytest.mark.parametrize("reason", SkipReason)
def test_no_evidence_skips_the_commit_and_what_the_machine_lacks_stops(reason: SkipReason) -> None:
    expected = 128 if reason in THE_MACHINE_LACKS else 125
    assert code_of([result(Skipped(reason=reason, explanation=""))]) == expected


def test_no_result_stops() -> None:
    assert code_of([]) == 128


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 125, 130])
def test_an_end_without_an_answer_stops_whatever_its_code(code: int) -> None:
    assert without_answer(code, ["bisectrix", "run", "r", "--git-bisect"]) == 128
    assert without_answer(code, ["bisectrix", "run", "r"]) == code


def test_several_cells_are_several_questions() -> None:
    cells = [Cell(repro="r", coordinates=(("python", f"3.{minor}"),)) for minor in range(8, 15)]
    check_one_cell(cells[:1])
    with pytest.raises(UsageError, match=r"7 are selected: r@python=3\.8, .*, r@python=3\.12, \.\.\.\n"):
        check_one_cell(cells)
