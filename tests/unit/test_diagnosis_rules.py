"""Files of rules: what they say, and what is said of their mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bisectrix.cli.rules import rules_of, shipped_rules
from bisectrix.diagnose.document import merged, parse_rules
from bisectrix.diagnose.page import rules_section
from bisectrix.errors import ManifestError

PAGE = Path(__file__).parents[2] / "docs" / "diagnosis.md"
RULE = """
[[rules]]
id = "orders-lock"
title = "Two imports at once"
means = "One waits for the other."
causes = ["A second worker."]
confirm = ["ps aux"]
remedies = ["End one."]
[rules.signature]
any = [{ line = 'lock on orders' }]
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        parse_rules(text, "own.toml")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_rule_of_a_project_is_read() -> None:
    (rule,) = parse_rules(f"version = 1\n{RULE}", "own.toml")
    assert (rule.id, rule.weight, rule.page) == ("orders-lock", "certain", "")


def test_the_example_of_the_page_is_read() -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    (rule,) = parse_rules(example[1], "own.toml")
    assert rule.instead_of == ("sqlite-locked",)


def test_all_mistakes_are_told_in_the_order_of_the_file() -> None:
    text = RULE.replace("line = 'lock on orders'", "lin = '('").replace('"Two imports at once"', "1")
    told = mistakes(f"version = 2\n{text}")
    assert [one.partition(":")[0] for one in told] == [
        "version",
        "rules[0].title",
        "rules[0].signature.any[0]",
        "rules[0].signature.any[0].lin",
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("line = '('", "a regular expression of Python"),
        ("line = 'a', state = 'b'", "exactly one of line, exception, stack, state"),
        ("line = 'a', message = 'b'", "message only beside exception"),
        ("", "exactly one of line, exception, stack, state"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(written: str, told: str) -> None:
    rule = RULE.replace("line = 'lock on orders'", written)
    (mistake,) = mistakes(f"version = 1\n{rule}")
    assert told in mistake


def test_a_rule_that_looks_for_nothing_is_refused() -> None:
    (mistake,) = mistakes(f"version = 1\n{RULE.replace('any = [', 'none = [')}")
    assert mistake == "rules[0].signature: found nothing to look for, expected a condition in all or in any"


def test_an_id_is_used_once_over_all_files() -> None:
    rules = parse_rules(f"version = 1\n{RULE}", "own.toml")
    with pytest.raises(ManifestError, match="an id of its own"):
        merged({"own.toml": rules, "more.toml": rules})


def test_the_rules_of_the_package_stand_on_their_page() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(f"\n{rules_section(rules_of(None)).rstrip()}\n")


def test_rules_that_are_named_by_others_exist() -> None:
    ids = {rule.id for rule in rules_of(None)}
    assert {other for rule in rules_of(None) for other in rule.instead_of} <= ids
    assert len(ids) >= 20


def test_every_rule_says_how_it_differs() -> None:
    assert not [rule.id for rules in shipped_rules().values() for rule in rules if not rule.differs]
