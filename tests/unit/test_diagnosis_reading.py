"""Texts of several forms, and what is found in them."""

from __future__ import annotations

import json

import pytest

from bisectrix.diagnose.reading import read
from bisectrix.errors import UsageError

JUNIT = """<?xml version="1.0"?>
<testsuites><testsuite>
  <testcase classname="tests.test_orders" name="test_ok"/>
  <testcase classname="tests.test_orders" name="test_locked">
    <failure message="sqlite3.OperationalError: database is locked">E   sqlite3.OperationalError: database is locked</failure>
  </testcase>
</testsuite></testsuites>"""


def frames(text: str) -> list[str]:
    (material,) = read(text, "log")
    (stack,) = material.stacks
    return [name for name, _ in stack.frames]


@pytest.mark.parametrize(
    "text",
    [
        '  File "/env/site-packages/a/b.py", line 1, in outer\n    inner()\n  File "c.py", line 2, in inner\n    wait()',
        'Thread 0x1 (most recent call first):\n  File "c.py", line 2 in inner\n  File "/env/site-packages/a/b.py", line 1 in outer',
        "Thread 7 (idle): main\n    inner (c.py:2)\n    outer (/env/site-packages/a/b.py:1)",
        "  main task\n    /env/site-packages/a/b.py:1  outer\n    c.py:2  inner",
        '    |   File "/env/site-packages/a/b.py", line 1, in outer\n    |   File "c.py", line 2, in inner',
    ],
    ids=["traceback", "faulthandler", "py-spy", "evidence", "group"],
)
def test_stacks_are_read_as_several_programs_write_them(text: str) -> None:
    assert frames(text) == ["a/b.py:outer", "c.py:inner"]


@pytest.mark.parametrize(
    "line",
    ["sqlite3.OperationalError: it is", "E   sqlite3.OperationalError: it is", "  | sqlite3.OperationalError: it is"],
)
def test_exceptions_are_read_with_and_without_a_margin(line: str) -> None:
    (material,) = read(line, "log")
    assert [(error.type, error.message) for error in material.errors] == [("OperationalError", "it is")]


def test_each_failed_test_of_a_junit_file_is_one_thing() -> None:
    (material,) = read(JUNIT, "junit.xml")
    assert material.name == "junit.xml tests.test_orders::test_locked"
    assert {error.message for error in material.errors} == {"database is locked"}


def test_broken_xml_is_told_with_its_place() -> None:
    with pytest.raises(UsageError, match=r"junit.xml, line 1, column \d+: broken XML"):
        read("<testsuites><testsuite", "junit.xml")


def test_a_record_that_lacks_something_is_told_with_its_place() -> None:
    with pytest.raises(UsageError, match=r"r\.json, attempts\[0\]\.number: no record of an attempt"):
        read('{"outcome": "fail", "summary": "", "ending": {"code": 1}}', "r.json")


def test_lines_of_json_that_are_no_records_are_a_log() -> None:
    (material,) = read('{"level": "error", "text": "database is locked"}\n{"level": "info"}', "app.log")
    assert [line.text for line in material.lines] == ["error", "database is locked", "info"]


@pytest.mark.parametrize("indent", [None, 2])
def test_texts_in_json_are_read_as_they_were_written(indent: int | None) -> None:
    traceback = 'Traceback (most recent call last):\n  File "a.py", line 3, in run\n    go()\nValueError: no order'
    (material,) = read(json.dumps([{"level": 40, "message": traceback}], indent=indent), "api")
    assert [error.type for error in material.errors] == ["ValueError"]
    assert [[frame for frame, _ in stack.frames] for stack in material.stacks] == [["a.py:run"]]


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="this is no text"):
        read("ELF\0\0", "core")
