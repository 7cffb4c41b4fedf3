"""Each rule against logs that were really printed: its own, and those of what looks like it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bisectrix.cli.rules import rules_of
from bisectrix.diagnose.matching import diagnose
from bisectrix.diagnose.reading import read

KEPT = Path(__file__).parents[1] / "diagnose"
LOGS = sorted([*KEPT.glob("logs/*.log"), *KEPT.glob("records/*.json")])
TRUE = [file for file in LOGS if ".true" in file.name]
LOOK_ALIKES = [file for file in LOGS if ".lookalike" in file.name]
RULES = rules_of(None)


def rule_of(file: Path) -> str:
    return file.name.partition(".")[0].partition("@")[0]


@cache
def matched(file: Path) -> list[str]:
    materials = read(file.read_text(encoding="utf-8"), file.name)
    return list(dict.fromkeys(match.rule.id for one in materials for match in diagnose(RULES, one)))


@pytest.mark.parametrize("file", TRUE, ids=lambda file: file.name)
def test_a_true_log_is_known_by_its_rule_and_no_other(file: Path) -> None:
    assert matched(file) == [rule_of(file)]


@pytest.mark.parametrize("file", LOOK_ALIKES, ids=lambda file: file.name)
def test_a_look_alike_is_not_taken_for_it(file: Path) -> None:
    assert rule_of(file) not in matched(file)


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_each_rule_has_a_true_log_and_a_look_alike(rule: str) -> None:
    assert rule in {rule_of(file) for file in TRUE}
    assert rule in {rule_of(file) for file in LOOK_ALIKES}


@pytest.mark.parametrize("file", [file for file in LOGS if rule_of(file) != "lost-lease"], ids=lambda file: file.name)
def test_nothing_but_a_lost_lease_that_ended_a_run_is_called_one(file: Path) -> None:
    told = "lease-lost-continues.lookalike" in file.name
    assert ("lost-lease" in matched(file)) == told


def test_what_a_rule_shows_are_lines_of_the_log() -> None:
    file = KEPT / "logs" / "sqlite-locked.true.log"
    (material,) = read(file.read_text(encoding="utf-8"), "ci.log")
    (match,) = diagnose(RULES, material)
    assert [(line.place, line.text) for line in match.seen] == [
        ("ci.log:6", "sqlite3.OperationalError: database is locked")
    ]


def test_the_generic_message_of_a_cancelled_run_is_only_possible() -> None:
    (material,) = read("Execution was cancelled by the runtime environment.", "state")
    (match,) = diagnose(RULES, material)
    assert (match.rule.id, match.rule.weight) == ("cancelled-by-runtime", "possible")


def test_a_lost_lease_is_known_from_what_an_api_answers() -> None:
    answer = """[{"type": "CRASHED", "message": "Concurrency lease renewal failed - slots are no longer reserved. \
Terminating execution to prevent over-allocation."}]"""
    (material,) = read(answer, "api")
    assert [match.rule.id for match in diagnose(RULES, material)] == ["lost-lease"]
