"""What the findings and `bisectrix show` say of attempts that are no pass."""

from __future__ import annotations

from bisectrix.cli.rules import rules_of
from bisectrix.model.attempt import Frame
from bisectrix.model.words import Outcome
from bisectrix.report.diagnoses import diagnoses
from support.results import attempt, cell, ran

RULES = rules_of(None)
POOL = (
    Frame(file="main.py", function="main", line=3),
    Frame(file="httpcore/_async/connection_pool.py", function="wait_for_connection", line=35),
)


def test_the_page_names_the_rule_with_its_count_and_its_place() -> None:
    hangs = (attempt(Outcome.HANG, number, frames=POOL) for number in (1, 2))
    page = diagnoses(RULES, [ran(cell(vcrpy="8.1.1"), *hangs)])
    (row,) = page.splitlines()[2:]
    assert row == (
        "| [No connection of the pool is free](../docs/diagnosis.md#connection-pool-exhausted) | certain | 2 "
        "| `httpcore/_async/connection_pool.py:35 wait_for_connection` |"
    )


def test_attempts_that_no_rule_explains_are_counted() -> None:
    results = [
        ran(cell(vcrpy="8.1.1"), attempt(Outcome.HANG, frames=POOL)),
        ran(cell(vcrpy="8.1.0"), attempt(Outcome.FAIL, frames=()), attempt(Outcome.PASS, 2)),
    ]
    assert diagnoses(RULES, results).endswith("\n\nNo known signature in 1 attempt.")


def test_a_page_says_nothing_where_no_rule_holds() -> None:
    assert not diagnoses(RULES, [ran(cell(vcrpy="8.1.0"), attempt(Outcome.FAIL, frames=()))])
