"""The published schemas: generated from the documents, and true of every shipped manifest."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bisectrix.manifest.schema import matrix_schema, repro_schema, schema_text
from bisectrix.manifest.script_block import script_block

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "src" / "bisectrix" / "manifest" / "schemas"
PROJECTS = (ROOT, ROOT / "tests" / "planted" / "project")

SCHEMAS = {"repro": repro_schema(), "matrix": matrix_schema()}


def shipped(*patterns: str) -> list[Any]:
    files = [file for project in PROJECTS for pattern in patterns for file in sorted(project.glob(pattern))]
    return [pytest.param(file, id=str(file.relative_to(ROOT))) for file in files]


def tables(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from schema["$defs"].values()


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_generated_one(name: str) -> None:
    published = (PUBLISHED / f"{name}.json").read_text(encoding="utf-8")
    assert published == schema_text(SCHEMAS[name]), "run scripts/write_schemas.py"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_describes_every_key(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for table in tables(SCHEMAS[name]):
        for key, value in table.get("properties", {}).items():
            assert "description" in value or "$ref" in value, key


@pytest.mark.parametrize("file", shipped("repros/*/repro.toml"))
def test_a_shipped_folder_repro_fits_the_schema(file: Path) -> None:
    Draft202012Validator(SCHEMAS["repro"]).validate(tomllib.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", shipped("repros/*.py"))
def test_the_table_of_a_shipped_script_fits_the_schema(file: Path) -> None:
    block = script_block(file.read_text(encoding="utf-8"), str(file))
    Draft202012Validator(SCHEMAS["repro"]).validate(tomllib.loads(block.toml)["tool"]["bisectrix"])


@pytest.mark.parametrize("file", shipped("matrices/*.toml"))
def test_a_shipped_matrix_fits_the_schema(file: Path) -> None:
    Draft202012Validator(SCHEMAS["matrix"]).validate(tomllib.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("repro", 'title = "t"'),
        ("repro", 'title = "t"\nbug = { kind = "hnag" }'),
        ("repro", 'titel = "t"\ntitle = "t"\nbug = { kind = "hang" }'),
        ("repro", 'title = "t"\nbug = { kind = "hang" }\nlimits = { quiet_s = 0 }'),
        ("repro", 'title = "t"\nbug = { kind = "hang" }\nenv = { 1X = "a" }'),
        ("matrix", "axes = {}"),
        ("matrix", "axes.python = []"),
        ("matrix", "axes.python = [3.12]"),
        ("matrix", 'axes.python = ["3.12.1"]'),
        ("matrix", 'cutoff = "2026-11-01"\naxes.python = "current"'),
        ("matrix", 'axes.python = "current"\nexclude = [{ where = { python = "3.9" } }]'),
    ],
)
def test_an_editor_sees_the_common_mistakes(name: str, written: str) -> None:
    assert not Draft202012Validator(SCHEMAS[name]).is_valid(tomllib.loads(written))


@pytest.mark.parametrize(
    ("rate", "fits"), [(0.03, True), ([0.5, 1], True), ("some", True), (3, False), ("often", False)]
)
def test_a_rate_is_a_word_a_share_or_its_bounds(rate: object, fits: bool) -> None:  # noqa: FBT001 - a case
    expect = {"cell": "tiny=1.0", "outcome": "hang", "rate": rate}
    claim = {"id": "one", "kind": "finding", "says": "It hangs", "expect": [expect]}
    assert (
        Draft202012Validator(SCHEMAS["repro"]).is_valid({"title": "Tiny", "bug": {"kind": "hang"}, "claims": [claim]})
        is fits
    )
