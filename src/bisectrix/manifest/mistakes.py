"""From what a check found to mistakes in the order of the file, each with its key path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from bisectrix.errors import ManifestError, Mistake

Place: TypeAlias = tuple[str | int, ...]
"""Keys and indexes (from 0) from the top of the file to a value."""

LIST, TEXT = "(list)", "(text)"
"""Marks of the alternatives of a value that may be a list or a text; no part of a key path."""

NOTHING = "nothing"
LONGEST_FOUND = 60

DocumentT = TypeVar("DocumentT", bound=BaseModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """A mistake with the place at which it was made."""

    place: Place
    found: str
    expected: str
    hint: str = ""


def key_path(place: Place) -> str:
    """Return the path as TOML writes it: `axes.vcrpy[2]`."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{_key(step)}" for step in place)
    return "".join(parts).removeprefix(".")


def _key(step: str) -> str:
    return step if re.fullmatch(r"[A-Za-z0-9_-]+", step) else _quoted(step)


def describe(value: object) -> str:
    """Return `value` as a reader of the file would recognise it, on one line and not too long."""
    match value:
        case Mapping():
            return "a table" if value else "an empty table"
        case list():
            return "a list" if value else "an empty list"
        case int() if value.bit_length() > LONGEST_FOUND * 3:
            return "a very large number"
        case str():
            return _shortened(_quoted(value))
        case bool() | int() | float():
            return _shortened(json.dumps(value))
        case _:
            return _shortened(str(value))


def _quoted(text: str) -> str:
    """Return `text` in quotes, with escapes where something in it could not be seen."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in quoted)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_FOUND else f"{text[: LONGEST_FOUND - 1]}…"


def check_document(
    document: type[DocumentT], data: Mapping[str, Any], file: str, rules: Iterable[Slip] = ()
) -> DocumentT:
    """Read `data` as a document.

    Args:
        document: what a person may write.
        data: what was written.
        file: for the error.
        rules: what was found wrong beyond single values.

    Raises:
        ManifestError: with all slips, those of the document and those of the rules, in the order of the file.
    """
    slips = list(rules)
    try:
        read = document.model_validate(data)
    except ValidationError as error:
        slips = [*_slips(error), *slips]
    else:
        if not slips:
            return read
    raise refusal(file, data, slips)


def refusal(file: str, data: Mapping[str, Any], slips: Iterable[Slip]) -> ManifestError:
    """Return the error that lists `slips` in the order in which their places stand in `data`, one for each place."""
    first_of_place: dict[Place, Slip] = {}
    for slip in slips:
        first_of_place.setdefault(slip.place, slip)
    ordered = sorted(first_of_place.values(), key=lambda slip: _position(data, slip.place))
    return ManifestError(file, tuple(_mistake(slip) for slip in ordered))


def _mistake(slip: Slip) -> Mistake:
    """Keep it on one line, whatever names from the file and messages of libraries stand in it."""
    expected, hint = (" ".join(text.split()) for text in (slip.expected, slip.hint))
    return Mistake(key_path=key_path(slip.place), found=slip.found, expected=expected, hint=hint)


def _slips(error: ValidationError) -> Iterable[Slip]:
    for detail in error.errors(include_url=False):
        context = detail["ctx"]
        place = tuple(step for step in detail["loc"] if step not in {LIST, TEXT, "[key]"})
        inner = (context["inner"],) if "inner" in context else ()
        found = context["found"] if "found" in context else describe(detail["input"])
        yield Slip(place=(*place, *inner), found=found, expected=context["expected"], hint=context["hint"])


def _position(data: object, place: Place) -> tuple[int, ...]:
    """Return the number of each step among its neighbours; what is not there comes after what is."""
    numbers: list[int] = []
    for step in place:
        match data, step:
            case Mapping(), str() if step in data:
                numbers.append(list(data).index(step))
                data = data[step]
            case list(), int() if step < len(data):
                numbers.append(step)
                data = data[step]
            case Mapping() | list(), _:
                numbers.append(len(data))
                break
            case _:
                break
    return tuple(numbers)
