"""One attempt against the declared bug."""

from __future__ import annotations

from bisectrix.judge.judged import Judged
from bisectrix.judge.program import judge_program
from bisectrix.judge.suite import judge_suite
from bisectrix.model.attempt import Execution
from bisectrix.model.repro import Bug

__all__ = ["Judged", "judge"]


def judge(bug: Bug, execution: Execution, *, is_suite: bool = False) -> Judged:
    """Say what an execution is, and hold it against the declared bug.

    Bad means that the declared bug was seen, good that all went well; everything else is no evidence.

    Args:
        bug: as the manifest declares it.
        execution: as it was supervised.
        is_suite: it is a pytest repro, though it may have come to no test.
    """
    return judge_suite(bug, execution) if is_suite or execution.tests else judge_program(bug, execution)
