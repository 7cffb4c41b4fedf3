"""`bisectrix diagnose` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from bisectrix.cli.main import cli
from bisectrix.errors import ManifestError, UsageError

LOCKED = "sqlite3.OperationalError: database is locked\n"


def call(folder: Path, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), "diagnose", *arguments], input=given)


def test_standard_input_is_read_where_nothing_is_named(tmp_path: Path) -> None:
    result = call(tmp_path, given=LOCKED)
    assert result.exit_code == 0
    assert "An SQLite database is locked by another connection [sqlite-locked, certain]" in result.output
    assert "standard input:1: sqlite3.OperationalError: database is locked" in result.output


def test_what_nobody_knows_is_said_and_exits_with_1(tmp_path: Path) -> None:
    log = tmp_path / "ci.log"
    log.write_text("ValueError: no such order: 17\n", encoding="utf-8")
    result = call(tmp_path, str(log))
    assert (result.exit_code, result.output) == (1, f"{log}: no known signature\n")


def test_a_warning_alone_is_no_answer(tmp_path: Path) -> None:
    result = call(tmp_path, given="Task was destroyed but it is pending!\n")
    assert result.exit_code == 1
    assert "[task-destroyed-pending, warning]" in result.output
    assert "standard input: no known signature" in result.output


def test_json_tells_the_same(tmp_path: Path) -> None:
    document = json.loads(call(tmp_path, "--json", given=LOCKED).output)
    assert document["known"] is True
    assert [(one["rule"], one["seen"][0]["place"]) for one in document["matches"]] == [
        ("sqlite-locked", "standard input:1")
    ]


def test_rules_of_a_project_are_in_force(tmp_path: Path) -> None:
    own = tmp_path / "repros" / "rules" / "own.toml"
    own.parent.mkdir(parents=True)
    own.write_text(
        'version = 1\n[[rules]]\nid = "order-17"\ntitle = "Order 17"\nmeans = "It is missing."\ncauses = ["It was sold."]\n'
        'confirm = ["look"]\nremedies = ["None."]\nsignature.any = [{ exception = "ValueError", message = "order: 17" }]\n',
        encoding="utf-8",
    )
    result = call(tmp_path, given="ValueError: no such order: 17\n")
    assert result.exit_code == 0
    assert "Order 17 [order-17, certain]" in result.output


def test_what_is_neither_a_file_nor_a_cell_is_an_error(tmp_path: Path) -> None:
    result = call(tmp_path, "no-such.log")
    assert isinstance(result.exception, UsageError)
    assert str(result.exception).startswith("no-such.log: neither a file, nor a recorded cell")


def test_a_file_of_rules_with_mistakes_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("version = 1\nrules = [{}]\n", encoding="utf-8")
    result = call(tmp_path, "--rules", str(file), given=LOCKED)
    assert isinstance(result.exception, ManifestError)
    assert len(result.exception.mistakes) >= 5
