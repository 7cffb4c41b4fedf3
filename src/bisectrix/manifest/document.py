"""What every table of a manifest has in common: only known keys, and errors in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bisectrix.manifest.expect import UNFIT, Expect, unfit
from bisectrix.manifest.mistakes import NOTHING
from bisectrix.manifest.texts import nearest

SHAPES = {
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "too_short": "at least one value",
}


class Document(BaseModel):
    """A table as a person writes it.

    Attributes:
        elsewhere: hints for keys that are looked for here and belong somewhere else.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)
    elsewhere: ClassVar[dict[str, str]] = {}

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - whatever was written
        try:
            return handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(cls.__name__, list(cls._plain(error))) from None

    @classmethod
    def _plain(cls, error: ValidationError) -> Iterator[InitErrorDetails]:
        for detail in error.errors(include_url=False):
            yield InitErrorDetails(type=cls._words(detail), loc=detail["loc"], input=detail["input"])

    @classmethod
    def _words(cls, detail: ErrorDetails) -> PydanticCustomError:
        key = str(detail["loc"][0]) if detail["loc"] else ""
        match detail["type"]:
            case "unfit":
                return PydanticCustomError(UNFIT, "{expected}", detail["ctx"])
            case "missing":
                return unfit(_expected(cls._fields()[key]), found=NOTHING)
            case "extra_forbidden":
                known = cls._fields()
                hint = cls.elsewhere.get(key) or nearest(key, known)
                return unfit(f"one of {', '.join(known)}", hint, found="an unknown key")
            case kind:
                return unfit(SHAPES.get(kind, "another value"))

    @classmethod
    def _fields(cls) -> dict[str, FieldInfo]:
        return {field.alias or name: field for name, field in cls.model_fields.items()}


def _expected(field: FieldInfo) -> str:
    words = (expect.words for expect in field.metadata if isinstance(expect, Expect))
    return next(words, "a table")
