"""A file of rules, from TOML to trustworthy values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from bisectrix.diagnose.rule import (
    Condition,
    Differs,
    HasException,
    HasLine,
    HasStack,
    HasState,
    Rule,
    Signature,
    Weight,
)
from bisectrix.manifest.document import Document
from bisectrix.manifest.expect import Distinct, Expect, one_of
from bisectrix.manifest.mistakes import NOTHING, Place, Slip, check_document, describe, refusal
from bisectrix.manifest.values import Regex, Text
from bisectrix.manifest.written import list_at, read_toml, table_at

VERSION = 1
"""Of the form of these files."""

KINDS = ("line", "exception", "stack", "state")
PARTS = ("all", "any", "none")

RuleId: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Expect(words="lower-case words joined by -, such as pool-exhausted"),
]
Texts: TypeAlias = Annotated[list[Text], Field(min_length=1), Expect(words="a list of texts, at least one")]


class ConditionTable(Document):
    """One thing to look for: a line, an exception, a stack or a state."""

    line: Regex = ""
    exception: Regex = ""
    message: Regex = ""
    stack: list[Regex] = Field(default_factory=list)
    state: Regex = ""

    def condition(self) -> Condition:
        """Return the one that is written."""
        if self.exception:
            return HasException(type=self.exception, message=self.message)
        if self.stack:
            return HasStack(frames=tuple(self.stack))
        return HasState(pattern=self.state) if self.state else HasLine(pattern=self.line)


class SignatureTable(Document):
    """What it is known by."""

    all: list[ConditionTable] = Field(default_factory=list)
    any: list[ConditionTable] = Field(default_factory=list)
    none: list[ConditionTable] = Field(default_factory=list)


class DiffersTable(Document):
    """What it is not, and how to tell."""

    look_alike: Text = Field(alias="from")
    by: Text


class RuleTable(Document):
    """One rule."""

    id: RuleId
    title: Text
    weight: Annotated[Weight, Field(strict=False), one_of(Weight)] = Weight.CERTAIN
    signature: SignatureTable
    means: Text
    differs: list[DiffersTable] = Field(default_factory=list)
    causes: Texts
    confirm: Texts
    remedies: Texts
    links: list[Text] = Field(default_factory=list)
    versions: str = ""
    instead_of: list[RuleId] = Field(default_factory=list)


class RulesDocument(Document):
    """A file of rules."""

    version: Annotated[int, Field(ge=VERSION, le=VERSION), Expect(words=f"{VERSION}, the version of this form")]
    rules: Annotated[list[RuleTable], Distinct(key=lambda rule: rule.id)]


def parse_rules(text: str, file: str, page: str = "") -> tuple[Rule, ...]:
    """Read a file of rules.

    Args:
        text: TOML.
        file: for the error.
        page: where its rules are told at length, each under its id.

    Raises:
        ManifestError: with all mistakes, in the order of the file.
    """
    data = read_toml(text, file)
    written = check_document(RulesDocument, data, file, _slips(data))
    return tuple(_rule(table, page) for table in written.rules)


def merged(files: Mapping[str, Sequence[Rule]]) -> tuple[Rule, ...]:
    """Join the rules of several files.

    Args:
        files: name -> rules.

    Raises:
        ManifestError: an id is used in two of them.
    """
    seen: dict[str, str] = {}
    for file, rules in files.items():
        for index, rule in enumerate(rules):
            if rule.id in seen:
                slip = Slip(
                    place=("rules", index, "id"),
                    found=describe(rule.id),
                    expected="an id of its own",
                    hint=f"{seen[rule.id]} has a rule of this id",
                )
                raise refusal(file, {}, [slip])
            seen[rule.id] = file
    return tuple(rule for rules in files.values() for rule in rules)


def _rule(table: RuleTable, page: str) -> Rule:
    return Rule(
        id=table.id,
        title=table.title,
        weight=table.weight,
        signature=Signature(
            all_of=_conditions(table.signature.all),
            any_of=_conditions(table.signature.any),
            none_of=_conditions(table.signature.none),
        ),
        means=table.means,
        differs=tuple(Differs(look_alike=one.look_alike, by=one.by) for one in table.differs),
        causes=tuple(table.causes),
        confirm=tuple(table.confirm),
        remedies=tuple(table.remedies),
        links=tuple(table.links),
        versions=table.versions,
        instead_of=tuple(table.instead_of),
        page=f"{page}#{table.id}" if page else "",
    )


def _conditions(tables: Sequence[ConditionTable]) -> tuple[Condition, ...]:
    return tuple(table.condition() for table in tables)


def _slips(data: Mapping[str, Any]) -> Iterator[Slip]:
    for number, rule in enumerate(list_at(data, "rules")):
        signature = table_at(rule, "signature")
        place: Place = ("rules", number, "signature")
        if signature and not (list_at(signature, "all") or list_at(signature, "any")):
            yield Slip(place=place, found="nothing to look for", expected="a condition in all or in any")
        for part in PARTS:
            for index, condition in enumerate(list_at(signature, part)):
                yield from _condition_slips(condition, (*place, part, index))


def _condition_slips(condition: object, place: Place) -> Iterator[Slip]:
    if not isinstance(condition, Mapping):
        return
    kinds = [kind for kind in KINDS if kind in condition]
    if len(kinds) != 1:
        found = " and ".join(kinds) or NOTHING
        yield Slip(place=place, found=found, expected=f"exactly one of {', '.join(KINDS)}")
    elif "message" in condition and "exception" not in condition:
        yield Slip(
            place=(*place, "message"),
            found=describe(condition["message"]),
            expected="message only beside exception",
            hint='any exception is exception = ".*"',
        )
