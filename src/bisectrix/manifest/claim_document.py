"""What a person writes about a claim: a table in `claims` of a repro's manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

from bisectrix.manifest.document import Document
from bisectrix.manifest.expect import Distinct, Expect, one_of
from bisectrix.manifest.mistakes import LIST, NOTHING, TEXT, Place, Slip, describe
from bisectrix.manifest.texts import UnfitTextError
from bisectrix.manifest.values import Address, Coordinate, Label, Line, Regex
from bisectrix.model.claim import ChangesAt, Claim, Expectation, SeenIn, Share, Stated
from bisectrix.model.words import ClaimKind, Outcome, TestOutcome, Verdict

OUTCOMES = tuple(dict.fromkeys([*Outcome, *TestOutcome, Verdict.GOOD, Verdict.BAD]))
"""Words for what is seen: of a whole attempt, of one test, or against the declared bug."""

OF_ATTEMPTS = (*Outcome, Verdict.GOOD, Verdict.BAD)


def _read_outcome(text: str) -> str:
    if text not in OUTCOMES:
        raise UnfitTextError
    return text


def _read_cell(text: str) -> str:
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(axis.strip() and value.strip() for axis, _, value in pairs):
        raise UnfitTextError
    if len({axis.strip() for axis, _, _ in pairs}) < len(pairs):
        raise UnfitTextError("each axis once")
    return text


def _read_rate(bounds: list[float]) -> list[float]:
    if len(bounds) != len(("low", "high")) or bounds[0] > bounds[1] or not all(0 <= bound <= 1 for bound in bounds):
        raise UnfitTextError
    return bounds


def _rate_of(value: object) -> object:
    """Turn one figure into a range, and whole numbers into the shares they are."""
    return [float(each) if isinstance(each, int) else each for each in (value if isinstance(value, list) else [value])]


def _kind_of_rate(value: object) -> str:
    return TEXT if isinstance(value, str) else LIST


SHARE_SCHEMA: Final[JsonSchemaValue] = {"type": "number", "minimum": 0, "maximum": 1}

ClaimWord: TypeAlias = Annotated[ClaimKind, Field(strict=False), one_of(ClaimKind)]
CellText: TypeAlias = Annotated[
    str,
    Field(min_length=1),
    Expect(words='coordinates such as "vcrpy=8.1.1,vcr=on"', read=_read_cell),
]
OutcomeWord: TypeAlias = Annotated[
    str,
    Field(json_schema_extra={"enum": list(OUTCOMES)}),
    Expect(words=f"one of {', '.join(OUTCOMES)}", read=_read_outcome),
]
RateValue: TypeAlias = Annotated[
    Annotated[Share, Field(strict=False), one_of(Share), Tag(TEXT)]
    | Annotated[
        list[float],
        Expect(
            words="a share from 0 to 1, or a list of its lower and upper bound",
            read=_read_rate,
            prepare=lambda value: _both(_rate_of(value)),
        ),
        WithJsonSchema({"oneOf": [SHARE_SCHEMA, {"type": "array", "items": SHARE_SCHEMA, "maxItems": 2}]}),
        Tag(LIST),
    ],
    Discriminator(_kind_of_rate),
]


def _both(bounds: object) -> object:
    return [*bounds, *bounds] if isinstance(bounds, list) and len(bounds) == 1 else bounds


class ExpectTable(Document):
    """What would have to be seen: an outcome in some cells, or a change along an axis."""

    model_config = ConfigDict(title="expect")

    cell: CellText = ""
    """Axis=value pairs with commas between; values may be patterns (`8.*`). Every cell that has all of them is meant."""
    outcome: OutcomeWord = ""
    """What its attempts do, or `good` or `bad` for what that means to the declared bug; with `test`, what the test does."""
    test: Line = ""
    """Name of a test of a pytest repro, `*` and `?` as in file names."""
    shows: Regex = ""
    """Regular expression that what the record says of the attempt must match as well: message, last line printed, places,
    test messages. With `axis`, what `bisect --shows` searched for."""
    rate: RateValue = Share.EVERY
    """How many of the attempts: `every`, `some`, a share such as 0.03, or a range of shares such as [0.5, 1]. A share is
    compared with the 95 % interval of what was seen."""
    axis: Coordinate = ""
    """The axis along which something changes, for `introduced` and `fixed`: a package, python, or another."""
    introduced: Coordinate = ""
    """The first value that shows the bug."""
    fixed: Coordinate = ""
    """The first value that does not show it any more."""


class ClaimTable(Document):
    """A statement about the bug with its source, and what would have to be seen for it to be true."""

    model_config = ConfigDict(title="claim")

    id: Label
    """A short name of its own."""
    kind: ClaimWord
    """What sort of statement it is."""
    says: Line
    """The statement in one sentence."""
    source: Address = ""
    """Where it was made."""
    likelihood: Line = ""
    """How likely its author thought it; shown, never used as evidence."""
    cause: Coordinate = ""
    """The axis whose value is said to matter. Cells that differ in it alone are put side by side."""
    against: Coordinate = ""
    """The value of that axis to compare with. Without it, every other one."""
    note: Line = ""
    """A remark that stands beside what was seen."""
    untestable: Line = ""
    """Why no cell can settle it, for a claim that is listed only."""
    expect: list[ExpectTable] = Field(default_factory=list)
    """What would have to be seen, all of it."""


Claims: TypeAlias = Annotated[list[ClaimTable], Distinct(key=lambda claim: claim.id)]


def claim_of(written: ClaimTable) -> Claim:
    """Return what a table says."""
    return Claim(
        id=written.id,
        kind=written.kind,
        says=written.says,
        source=written.source,
        likelihood=written.likelihood,
        cause=written.cause,
        against=written.against,
        note=written.note,
        untestable=written.untestable,
        expect=tuple(map(_expectation, written.expect)),
    )


def _expectation(written: ExpectTable) -> Expectation:
    if written.axis:
        return ChangesAt(axis=written.axis, introduced=written.introduced, fixed=written.fixed, shows=written.shows)
    pairs = (pair.partition("=") for pair in written.cell.split(",") if pair)
    return SeenIn(
        where=tuple(sorted((axis.strip(), value.strip()) for axis, _, value in pairs)),
        outcome=written.outcome,
        test=written.test,
        shows=written.shows,
        share=Stated(low=written.rate[0], high=written.rate[1]) if isinstance(written.rate, list) else written.rate,
    )


def claim_slips(claims: list[Any], place: Place, *, is_suite: bool) -> Iterator[Slip]:
    """Yield what is wrong with claims beyond single values."""
    for number, claim in enumerate(claims):
        if isinstance(claim, Mapping):
            yield from _slips(claim, (*place, number), is_suite=is_suite)


def _slips(claim: Mapping[str, Any], place: Place, *, is_suite: bool) -> Iterator[Slip]:
    expected = claim.get("expect")
    if "untestable" in claim and expected:
        yield Slip(place=(*place, "expect"), found=describe(expected), expected="nothing beside untestable")
    if "untestable" not in claim and not expected:
        found = describe(expected) if "expect" in claim else NOTHING
        yield Slip(place=(*place, "expect"), found=found, expected="what would have to be seen", hint="or untestable")
    if "against" in claim and "cause" not in claim:
        yield Slip(place=(*place, "cause"), found=NOTHING, expected="the axis of which against is a value")
    for number, each in enumerate(expected if isinstance(expected, list) else ()):
        if isinstance(each, Mapping):
            yield from _expect_slips(each, (*place, "expect", number), is_suite=is_suite)


def _expect_slips(expected: Mapping[str, Any], place: Place, *, is_suite: bool) -> Iterator[Slip]:
    along = {"axis", "introduced", "fixed"} & expected.keys()
    if along:
        for key in {"cell", "outcome", "test", "rate"} & expected.keys():
            yield Slip(place=(*place, key), found=describe(expected[key]), expected=f"no {key} beside {min(along)}")
        if "axis" not in along:
            yield Slip(place=(*place, "axis"), found=NOTHING, expected="the axis along which it changes")
        elif len(along) == 1:
            yield Slip(place=(*place, "introduced"), found=NOTHING, expected="introduced, fixed, or both")
        return
    if "outcome" not in expected:
        yield Slip(place=(*place, "outcome"), found=NOTHING, expected="what is seen in the cell")
    elif "test" not in expected and expected["outcome"] in OUTCOMES and expected["outcome"] not in OF_ATTEMPTS:
        hint = "that is an outcome of a test: add test"
        found, words = describe(expected["outcome"]), f"one of {', '.join(OF_ATTEMPTS)}"
        yield Slip(place=(*place, "outcome"), found=found, expected=words, hint=hint)
    if "test" in expected and not is_suite:
        yield Slip(
            place=(*place, "test"), found=describe(expected["test"]), expected="no test: this is no pytest repro"
        )
