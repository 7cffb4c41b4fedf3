"""The page for those who write repros: its examples are read, its messages real, its tables complete."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bisectrix.errors import ManifestError
from bisectrix.manifest.matrix import parse_matrix
from bisectrix.manifest.repro import parse_repro
from bisectrix.manifest.schema import matrix_schema, repro_schema
from bisectrix.manifest.together import check_together
from bisectrix.model.words import AxisKind

PAGE = (Path(__file__).parents[2] / "docs" / "writing-a-repro.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"^# ((?:repros|matrices)/\S+)$", re.MULTILINE)

EXAMPLES = {name[1]: block["text"] for block in FENCE.finditer(PAGE) if (name := NAMED.search(block["text"]))}
BROKEN = "matrices/broken.toml"
REPROS = {name: text for name, text in EXAMPLES.items() if name.startswith("repros/")}
MATRICES = {name: text for name, text in EXAMPLES.items() if name.startswith("matrices/") and name != BROKEN}


def rows(heading: str) -> dict[str, str]:
    """Return key to default of the table below a heading."""
    section = re.split(r"^#+ ", PAGE.partition(f"{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    cells = (line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `"))
    return {row[0].strip("`"): row[-1] for row in cells}


def test_there_is_an_example_of_each_kind_of_file() -> None:
    assert any(name.endswith(".py") for name in REPROS)
    assert any("\ntests =" in text for text in REPROS.values())
    assert any("\ncommand =" in text for text in REPROS.values())


@pytest.mark.parametrize("name", REPROS)
def test_an_example_of_a_repro_is_read_and_goes_with_its_matrices(name: str) -> None:
    repro = parse_repro(REPROS[name], Path(name), "x")
    for matrix in repro.matrices:
        file = f"matrices/{matrix}.toml"
        check_together(repro, parse_matrix(MATRICES[file], file, matrix), file=file)


@pytest.mark.parametrize("name", MATRICES)
def test_an_example_of_a_matrix_is_read_and_fits_the_schema(name: str) -> None:
    parse_matrix(MATRICES[name], name, "x")
    Draft202012Validator(matrix_schema()).validate(tomllib.loads(MATRICES[name]))


def test_one_example_has_every_kind_of_axis() -> None:
    name = "matrices/pool-wait-full.toml"
    matrix = parse_matrix(MATRICES[name], name, "x")
    assert {axis.kind for axis in matrix.axes} == set(AxisKind)
    repro = parse_repro(REPROS["repros/pool-wait.py"], Path("repros/pool-wait.py"), "pool-wait")
    check_together(repro, matrix, file=name)


def test_the_message_on_the_page_is_the_one_that_comes() -> None:
    with pytest.raises(ManifestError) as caught:
        parse_matrix(EXAMPLES[BROKEN], BROKEN, "broken")
    assert f"```text\n{caught.value}\n```" in PAGE


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("## Keys of a repro", repro_schema()),
        ("### `bug`", repro_schema()["$defs"]["BugTable"]),
        ("### `limits`", repro_schema()["$defs"]["LimitsTable"]),
        ("## Keys of a matrix", matrix_schema()),
    ],
    ids=["repro", "bug", "limits", "matrix"],
)
def test_a_table_has_every_key_with_its_default(heading: str, table: dict[str, Any]) -> None:
    documented = rows(heading)
    assert documented.keys() == table["properties"].keys()
    for key, value in table["properties"].items():
        assert (documented[key] == "**needed**") is (key in table["required"] if "required" in table else False)
        if "default" in value:
            shown = documented[key].strip("`").strip('"')
            default = value["default"]
            assert shown == (json.dumps(default) if isinstance(default, bool) else str(default)).removesuffix(".0")


def test_every_axis_with_a_meaning_of_its_own_has_a_row() -> None:
    assert rows("### `axes`").keys() == {str(kind) for kind in AxisKind} - {AxisKind.PACKAGE}
