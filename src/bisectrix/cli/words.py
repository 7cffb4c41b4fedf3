"""Results in the words of tables and of JSON."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bisectrix.judge.rate import counts_text
from bisectrix.model.attempt import Contained
from bisectrix.model.environment import Unavailable
from bisectrix.model.result import CellResult, Decided, Skipped

RESULT = TypeAdapter(CellResult)


def cell_words(result: CellResult) -> str:
    """`hang 3/3`, `pass 5/5`, `crash 3/100, pass 97/100`, `unavailable`."""
    if isinstance(result.state, Unavailable):
        return "unavailable"
    return counts_text([attempt.outcome for attempt in result.state.attempts])


def why(result: CellResult) -> str:
    """Why the cell is what it is, one line: the summary of an attempt that tells, or what made it unavailable."""
    if isinstance(result.state, Unavailable):
        remedy = f"; {result.state.remedy}" if result.state.remedy else ""
        return f"{result.state.reason}: {' '.join(result.state.explanation.split())}{remedy}"
    telling = max(result.state.attempts, key=lambda attempt: attempt.signature is not None)
    return telling.summary


def verdict_words(result: CellResult) -> str:
    """`bad`, `good (flaky)`, `skip (unsatisfiable)`."""
    match result.judgement:
        case Decided(verdict=verdict, flaky=flaky):
            return f"{verdict} (flaky)" if flaky else str(verdict)
        case Skipped(reason=reason):
            return f"skip ({reason})"


def containment_words(contained: Contained) -> str:
    """`cgroup, a network of its own, the kernel bounded memory and processes`."""
    network = ["a network of its own"] if contained.private_network else []
    bounds = [f"the kernel bounded {' and '.join(sorted(contained.bounds))}"] if contained.bounds else []
    return ", ".join([contained.kind, *network, *bounds])


def result_json(result: CellResult) -> dict[str, Any]:
    """Return the whole result as JSON values, with the name, the words and the verdict on top."""
    document: dict[str, Any] = RESULT.dump_python(result, mode="json")
    return {
        **document,
        "cell": result.cell.name,
        "coordinates": dict(result.cell.coordinates),
        "words": cell_words(result),
        "verdict": verdict_words(result).partition(" ")[0],
    }


def counted(count: int, noun: str) -> str:
    """`1 cell`, `3 cells`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
