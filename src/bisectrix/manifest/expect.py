"""What a key expects, in the words that a mistake uses, attached to the type of its value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bisectrix.manifest.mistakes import describe
from bisectrix.manifest.texts import UnfitTextError, nearest

UNFIT = "unfit"
"""Type of the errors whose context already holds the words of a mistake."""


def unfit(expected: str, hint: str = "", **more: object) -> PydanticCustomError:
    """Return the error that becomes a mistake with these words."""
    return PydanticCustomError(UNFIT, "{expected}", {"expected": expected, "hint": hint, **more})


def _no_remedy(_value: object) -> str:
    return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expect:
    """Says what a value should have been, whatever rule it breaks.

    Attributes:
        words: what is expected, as it stands after "expected".
        read: further check; returns the value to keep or raises `UnfitTextError` with the hint.
        prepare: turns what TOML gives into what the type takes.
        remedy: hint for a value that is not even of the right type.
    """

    words: str
    read: Callable[[Any], Any] | None = None
    prepare: Callable[[object], object] | None = None
    remedy: Callable[[object], str] = _no_remedy

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Wrap the check of the type, so that its error speaks with our words."""
        return core_schema.no_info_wrap_validator_function(self._validate, handler(source))

    def _validate(self, value: object, check_type: ValidatorFunctionWrapHandler) -> object:
        try:
            typed = check_type(self.prepare(value) if self.prepare else value)
            return self.read(typed) if self.read else typed
        except ValidationError:
            hint = self.remedy(value)
        except UnfitTextError as error:
            hint = str(error)
        raise unfit(self.words, hint)


def one_of(words: type[StrEnum]) -> Expect:
    """Expect a word of a closed set, and name the nearest."""

    def remedy(value: object) -> str:
        return nearest(value, words) if isinstance(value, str) else ""

    return Expect(words=f"one of {', '.join(words)}", remedy=remedy)


@dataclass(frozen=True, kw_only=True, slots=True)
class Distinct:
    """Refuses a list that holds a value twice; `key` tells which values count as the same."""

    key: Callable[[Any], Hashable] = str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the list once its items are known to be right."""
        return core_schema.no_info_after_validator_function(self._validate, handler(source))

    def _validate(self, values: list[Any]) -> list[Any]:
        repeated = _first_repeated([self.key(value) for value in values])
        if repeated:
            earlier, index = repeated
            raise unfit("each value once", f"it is the same as [{earlier}]", inner=index, found=describe(values[index]))
        return values


def _first_repeated(keys: Iterable[Hashable]) -> tuple[int, int] | None:
    seen: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        if key in seen:
            return seen[key], index
        seen[key] = index
    return None
