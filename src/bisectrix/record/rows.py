"""Values of the model as rows of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from pydantic import TypeAdapter

from bisectrix.model.attempt import Attempt, Blocked, Ending, Exited, Limited, Overran, Signalled
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Decided, Ran, Skipped
from bisectrix.model.words import Verdict

Row: TypeAlias = Mapping[str, str | int | float | None]

ATTEMPT = TypeAdapter(Attempt)
RESULT = TypeAdapter(CellResult)


def attempt_document(attempt: Attempt) -> str:
    """Return the whole attempt as JSON; equal attempts, equal text."""
    return ATTEMPT.dump_json(attempt).decode()


def attempt_row(run: int, cell: Cell, matrix: str, key: str, repro_sha256: str, attempt: Attempt) -> Row:
    """Return the row of table `attempts`."""
    return {
        "run": run,
        "cell": cell.name,
        "repro": cell.repro,
        "matrix": matrix,
        "key": key,
        "repro_sha256": repro_sha256,
        "number": attempt.number,
        "stage": attempt.stage,
        "ending": ending_word(attempt.ending),
        "outcome": attempt.outcome,
        "verdict": attempt.verdict,
        "summary": attempt.summary,
        "signature": attempt.signature.head if attempt.signature else None,
        "duration_s": attempt.duration_s,
        "cpu_s": attempt.cpu_s,
        "peak_memory_mib": attempt.peak_memory_mib,
        "load": attempt.load,
        "started_at": attempt.started_at,
        "document": attempt_document(attempt),
    }


def ending_word(ending: Ending) -> str:
    """`exited`, `signalled`, `blocked`, `overran` or `limited`."""
    match ending:
        case Exited():
            return "exited"
        case Signalled():
            return "signalled"
        case Blocked():
            return "blocked"
        case Overran():
            return "overran"
        case Limited():
            return "limited"


def test_rows(attempt_id: int, attempt: Attempt) -> Iterator[Row]:
    """Yield the rows of table `tests`."""
    for position, test in enumerate(attempt.tests, start=1):
        yield {
            "attempt": attempt_id,
            "position": position,
            "nodeid": test.nodeid,
            "outcome": test.outcome,
            "duration_s": test.duration_s,
            "message": test.message,
        }


def evidence_rows(attempt_id: int, attempt: Attempt) -> Iterator[Row]:
    """Yield the rows of table `evidence`."""
    for position, evidence in enumerate(attempt.evidence, start=1):
        yield {
            "attempt": attempt_id,
            "position": position,
            "kind": evidence.kind,
            "sha256": evidence.sha256,
            "size_bytes": evidence.size_bytes,
        }


def result_row(run: int, result: CellResult) -> Row:
    """Return the row of table `results`; its document leaves the attempts to their own table."""
    return {
        "run": run,
        "cell": result.cell.name,
        "repro": result.cell.repro,
        "matrix": result.matrix,
        "repro_sha256": result.repro_sha256,
        "finished_at": result.finished_at,
        "document": RESULT.dump_json(with_attempts(result, ())).decode(),
        **_state_columns(result.state),
        **_judgement_columns(result),
    }


def with_attempts(result: CellResult, attempts: Sequence[Attempt]) -> CellResult:
    """Return the result with these attempts; one that could not be run has none and stays as it is."""
    match result.state:
        case Unavailable():
            return result
        case Ran():
            return replace(result, state=replace(result.state, attempts=tuple(attempts)))


def _state_columns(state: Ran | Unavailable) -> Row:
    match state:
        case Ran():
            return {
                "key": state.key,
                "lock_sha256": state.lock_sha256,
                "python": state.python,
                "platform": state.platform,
            }
        case Unavailable():
            return {"key": None, "lock_sha256": None, "python": None, "platform": None}


def _judgement_columns(result: CellResult) -> Row:
    match result.judgement:
        case Decided(verdict=verdict, flaky=flaky):
            return {"verdict": verdict, "flaky": int(flaky), "skip_reason": None, "explanation": ""}
        case Skipped(reason=reason, explanation=explanation):
            return {"verdict": Verdict.SKIP, "flaky": 0, "skip_reason": reason, "explanation": explanation}
