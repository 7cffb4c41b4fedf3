"""Files of several forms into what is diagnosed: JUnit XML, records of this program, other JSON, any other text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import TypeAdapter, ValidationError

from bisectrix.diagnose.material import Material, of_attempt, of_text
from bisectrix.errors import UsageError
from bisectrix.model.attempt import Attempt
from bisectrix.model.words import Outcome

ATTEMPT = TypeAdapter(Attempt)


def read(text: str, name: str) -> tuple[Material, ...]:
    """Tell the form of a text and read it.

    Raises:
        UsageError: it begins as JUnit XML or as a record and is broken, or it is no text.
    """
    if "\0" in text:
        raise UsageError("this is no text", place=name, hint="a log, a traceback, JUnit XML or a record is read")
    begin = text.lstrip("\ufeff \t\r\n")
    if begin.startswith(("<?xml", "<testsuite")):
        return tuple(_junit(begin, name))
    documents = _documents(begin)
    records = [one for one in documents if isinstance(one, dict) and (_is_attempt(one) or "judgement" in one)]
    if records:
        return tuple(material for record in records for material in _attempts(record, name))
    said = "\n".join(_strings(documents))
    return (of_text(said or text, name),)


def _junit(text: str, name: str) -> Iterator[Material]:
    """Yield one for each test that failed or could not run."""
    try:
        root = ET.fromstring(text)  # noqa: S314  expat has refused expansion attacks since 2.4.1, and nothing is fetched
    except ET.ParseError as error:
        line, column = error.position
        place = f"{name}, line {line}, column {column + 1}"
        raise UsageError("broken XML", place=place, hint=str(error).partition(":")[0]) from None
    for case in root.iter("testcase"):
        failures = [child for child in case if child.tag in {"failure", "error"}]
        if failures:
            test = "::".join(filter(None, (case.get("classname"), case.get("name"))))
            yield of_text("\n".join(_texts(case, failures)), f"{name} {test}")


def _texts(case: ET.Element, failures: list[ET.Element]) -> Iterator[str]:
    for failure in failures:
        yield from filter(None, (failure.get("message"), failure.text))
    yield from (child.text for child in case if child.tag in {"system-out", "system-err"} and child.text)


def _documents(text: str) -> list[Any]:
    """Return what is in JSON, one document or one a line; nothing where a line is something else."""
    if not text.startswith(("{", "[")):
        return []
    try:
        document = json.loads(text)
    except ValueError:
        return _loaded([line for line in text.splitlines() if line.strip()])
    return document if isinstance(document, list) else [document]


def _loaded(lines: list[str]) -> list[Any]:
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        return []


def _strings(document: object) -> Iterator[str]:
    """Yield every text in a document, in its order: a traceback in JSON is one line only because of the quotes."""
    match document:
        case str():
            yield document
        case list():
            yield from (text for one in document for text in _strings(one))
        case dict():
            yield from _strings(list(document.values()))
        case _:
            pass


def _is_attempt(document: dict[str, Any]) -> bool:
    return {"ending", "outcome", "summary"} <= document.keys()


def _attempts(record: dict[str, Any], name: str) -> Iterator[Material]:
    """Yield one for each attempt that is not a pass."""
    if _is_attempt(record):
        documents, cell = [record], ""
    else:
        state = record.get("state")
        documents = state.get("attempts", []) if isinstance(state, dict) else []
        cell = _cell_name(record.get("cell"))
    for index, document in enumerate(documents):
        try:
            attempt = ATTEMPT.validate_python(document, strict=False)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            place = f"{name}, attempts[{index}].{key}"
            raise UsageError(
                f"no record of an attempt: {first['msg']}", place=place, hint="made by show --json"
            ) from None
        if attempt.outcome is not Outcome.PASS:
            yield of_attempt(attempt, f"{cell or name} attempt {attempt.number}", {})


def _cell_name(cell: object) -> str:
    """Return the name of a cell as `show --json` or as the records write it."""
    match cell:
        case {"repro": str(repro), "coordinates": list(coordinates)}:
            return f"{repro}@{','.join('='.join(map(str, pair)) for pair in coordinates)}"
        case str():
            return cell
        case _:
            return ""
