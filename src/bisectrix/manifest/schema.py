"""The JSON schemas with which editors complete and check what a person writes."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema, WithDefaultSchema

from bisectrix.manifest.document import Document
from bisectrix.manifest.matrix_document import MatrixDocument
from bisectrix.manifest.repro_document import FolderDocument


def repro_schema() -> dict[str, Any]:
    """Return the schema of a `repro.toml`; that of `[tool.bisectrix]` in a script is a part of it."""
    return _schema(FolderDocument)


def matrix_schema() -> dict[str, Any]:
    """Return the schema of a matrix file."""
    return _schema(MatrixDocument)


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as it is published."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema(document: type[Document]) -> dict[str, Any]:
    schema = document.model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, **_on_one_line(schema)}


def _on_one_line(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Join the lines of descriptions, which the source breaks for its own sake."""
    match schema:
        case {"description": str(description)}:
            rest = {key: _on_one_line(value) for key, value in schema.items() if key != "description"}
            return {"description": " ".join(description.split()), **rest}
        case dict():
            return {key: _on_one_line(value) for key, value in schema.items()}
        case list():
            return [_on_one_line(item) for item in schema]
        case _:
            return schema


class _Generator(GenerateJsonSchema):
    """Leaves out what tells a reader nothing: titles made of names, and defaults that mean "not given"."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - signature of the base class
        return False

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        generated = super().default_schema(schema)
        if not generated.get("default", True):
            del generated["default"]
        return generated

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        generated = super().dict_schema(schema)
        return {**generated, "additionalProperties": False} if "patternProperties" in generated else generated
