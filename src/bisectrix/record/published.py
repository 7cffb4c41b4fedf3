"""The record that is committed: one line of JSON a cell, enough for a fresh clone to make the same findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from bisectrix.errors import InfraError
from bisectrix.model.attempt import Attempt, Signature
from bisectrix.model.environment import Unavailable
from bisectrix.model.order import cell_order
from bisectrix.model.recipe import Recipe
from bisectrix.model.result import CellResult, Decided, Judgement, Ran, Skipped
from bisectrix.record.files import failing_as_infra, one_at_a_time, write_if_new
from bisectrix.record.portable import portable_json

RESULT = TypeAdapter(CellResult)

Saying: TypeAlias = tuple[object, ...]


def load(folder: Path) -> tuple[CellResult, ...]:
    """Read every record below `folder`, in the order of the files' names and lines.

    Raises:
        InfraError: a line is no record; names file and line.
    """
    return tuple(result for file in sorted(folder.glob("*.jsonl")) for result in _read(file))


def publish(folder: Path, results: Iterable[CellResult]) -> None:
    """Bring the records up to date with `results`; lines that would say the same stay as they are.

    Raises:
        InfraError: a recorded line is broken, or the disk is full.
    """
    if not (results := tuple(results)):
        return
    with one_at_a_time(folder):
        by_repro = groupby(merged(load(folder), results), key=lambda result: result.cell.repro)
        for repro, group in by_repro:
            write_if_new(folder / f"{repro}.jsonl", "".join(map(_line, group)).encode())


def merged(published: Iterable[CellResult], results: Iterable[CellResult]) -> tuple[CellResult, ...]:
    """Return what the records say once `results` are published, in the order of their lines.

    A published cell is replaced only where its result says something else: the same outcomes seen again, at another
    time and speed, change nothing, so that reproducing a result leaves the working tree clean.
    """
    known = {result.cell: result for result in published}
    for result in map(portable, results):
        if result.cell not in known or _is_news(known[result.cell], result):
            known[result.cell] = result
    return tuple(sorted(known.values(), key=lambda result: cell_order(result.cell)))


def combined(store_results: Iterable[CellResult], published: Iterable[CellResult]) -> tuple[CellResult, ...]:
    """Return one result a cell, that of this machine's store where it has one, in natural order."""
    chosen = {result.cell: result for result in (*published, *store_results)}
    return tuple(sorted(chosen.values(), key=lambda result: cell_order(result.cell)))


def _is_news(known: CellResult, result: CellResult) -> bool:
    """Say whether a result tells what the published one does not; a recipe is never given up for one without."""
    return _says(known) != _says(result) or (_recipe(known) is None and _recipe(result) is not None)


def _recipe(result: CellResult) -> Recipe | None:
    return result.state.recipe if isinstance(result.state, Ran) else None


def _says(result: CellResult) -> Saying:
    """Return what a reader learns from a result, without what differs each time it is seen."""
    return (result.cell, result.repro_sha256, _state_says(result.state), _judgement_says(result.judgement))


def _judgement_says(judgement: Judgement) -> Saying:
    match judgement:
        case Decided(verdict=verdict, rate=rate):
            return (verdict, rate)
        case Skipped(reason=reason):
            return (reason,)


def _state_says(state: Ran | Unavailable) -> Saying:
    match state:
        case Unavailable():
            return (state.reason, state.explanation, state.remedy)
        case Ran():
            facts = (state.key, state.lock_sha256, state.packages, state.python, state.platform)
            return (*facts, *sorted(map(_attempt_says, state.attempts), key=repr))


def _attempt_says(attempt: Attempt) -> Saying:
    tests = tuple(sorted((test.nodeid, test.outcome) for test in attempt.tests))
    return (attempt.stage, attempt.outcome, attempt.verdict, _signature_says(attempt.signature), tests)


def _signature_says(signature: Signature | None) -> Saying:
    return () if signature is None else (signature.kind, signature.head, signature.frames)


def portable(result: CellResult) -> CellResult:
    """Return the result fit to leave this machine; its cell and its recipe are what a person wrote, and stay."""
    portable = RESULT.validate_python(portable_json(RESULT.dump_python(result, mode="json")))
    match portable.state, result.state:
        case Ran() as state, Ran(recipe=recipe):
            return replace(portable, cell=result.cell, state=replace(state, recipe=recipe))
        case _:
            return replace(portable, cell=result.cell)


def _line(result: CellResult) -> str:
    document: Mapping[str, Any] = RESULT.dump_python(result, mode="json")
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _read(file: Path) -> Iterator[CellResult]:
    with failing_as_infra(file, "cannot be read"):
        lines = file.read_bytes().splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            yield RESULT.validate_json(line)
        except ValidationError as error:
            raise InfraError(
                f"not a record: {_first(error)}",
                place=f"{file}:{number}",
                hint="restore the file from git, or remove the line: the next run writes it anew",
            ) from None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
