"""Results planted by hand: what a run would have recorded, without a run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bisectrix.judge.rate import wilson
from bisectrix.model.attempt import (
    Attempt,
    Blocked,
    Chain,
    Ending,
    Evidence,
    Exited,
    Frame,
    Overran,
    Signalled,
    Signature,
    TestResult,
)
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult, Decided, Judgement, Ran, Skipped
from bisectrix.model.words import (
    EvidenceKind,
    HangGrade,
    Outcome,
    OverrunLabel,
    SkipReason,
    Stage,
    TestOutcome,
    Verdict,
)

ENDINGS: dict[Outcome, Ending] = {
    Outcome.PASS: Exited(code=0),
    Outcome.FAIL: Exited(code=1),
    Outcome.CRASH: Signalled(signal="SIGSEGV"),
    Outcome.HANG: Blocked(grade=HangGrade.STALLED, reason="nothing ran for 3.0 s", quiet_s=3.0),
    Outcome.TIMEOUT: Overran(label=OverrunLabel.POLLING, detail="woke 40 times"),
}

WAITING = (
    Frame(file="vcr-pool.py", function="main", line=47),
    Frame(file="httpx/_client.py", function="send", line=1629),
    Frame(file="vcr/stubs/httpcore_stubs.py", function="_vcr_handle_async_request", line=133),
    Frame(file="httpcore/_async/connection_pool.py", function="wait_for_connection", line=35),
)

VERDICTS = {Outcome.HANG: Verdict.BAD, Outcome.PASS: Verdict.GOOD}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def cell(repro: str = "vcr-pool", /, **coordinates: str) -> Cell:
    return Cell(repro=repro, coordinates=tuple(sorted(coordinates.items())))


def signature(kind: Outcome, frames: Sequence[Frame] = WAITING) -> Signature:
    names = tuple(f"{frame.file}:{frame.function}" for frame in frames)
    head = names[-1] if kind is Outcome.HANG else "RuntimeError: no such connection"
    return Signature(kind=kind, head=head, frames=names)


def attempt(
    outcome: Outcome = Outcome.PASS,
    number: int = 1,
    *,
    verdict: Verdict | None = None,
    frames: Sequence[Frame] = WAITING,
    tests: Sequence[TestResult] = (),
    duration_s: float = 1.5,
) -> Attempt:
    passed = outcome is Outcome.PASS
    return Attempt(
        number=number,
        stage=Stage.RUN,
        ending=ENDINGS[outcome],
        outcome=outcome,
        verdict=verdict or VERDICTS.get(outcome, Verdict.SKIP),
        summary=f"{outcome} after {duration_s} s",
        signature=None if passed else signature(outcome, frames),
        chain=() if passed else tuple(frames),
        duration_s=duration_s,
        cpu_s=duration_s / 2,
        peak_memory_mib=40.0,
        load=1,
        started_at="2026-01-02T03:04:05Z",
        tests=tuple(tests),
        evidence=(Evidence(kind=EvidenceKind.STDOUT, sha256=digest(str(number)), size_bytes=7),),
    )


def did(nodeid: str, outcome: TestOutcome, message: str = "", frames: Sequence[Frame] = ()) -> TestResult:
    chains = (Chain(owner="Task-1", kind="task", process=4711, frames=tuple(frames)),) if frames else ()
    return TestResult(nodeid=nodeid, outcome=outcome, duration_s=0.1, message=message, chains=chains)


def ran(of: Cell, *attempts: Attempt, python: str = "", packages: Sequence[tuple[str, str]] = ()) -> CellResult:
    """Return the result of a cell with these attempts, judged by counting their verdicts."""
    pinned = [(axis, value) for axis, value in of.coordinates if axis not in {"python", "resolution"}]
    return CellResult(
        cell=of,
        matrix="full",
        repro_sha256=digest(of.repro),
        state=Ran(
            key=digest(of.name),
            lock_sha256=digest(of.name + "lock"),
            packages=tuple(packages) or tuple(sorted(pinned)),
            python=python or f"{of.get('python', '3.11')}.7",
            platform="linux-x86_64",
            attempts=tuple(replace(one, number=number) for number, one in enumerate(attempts, start=1)),
        ),
        judgement=judgement(attempts),
        finished_at="2026-01-02T03:05:00Z",
    )


def judgement(attempts: Sequence[Attempt]) -> Judgement:
    verdicts = [one.verdict for one in attempts]
    if Verdict.SKIP in verdicts:
        return Skipped(reason=SkipReason.OTHER_FAILURE, explanation="failed, but not as the declared bug does")
    bad = verdicts.count(Verdict.BAD)
    return Decided(
        verdict=Verdict.BAD if bad else Verdict.GOOD,
        rate=wilson(bad, len(attempts)),
        flaky=0 < bad < len(attempts),
    )


def unavailable(of: Cell, reason: SkipReason = SkipReason.NO_INTERPRETER, explanation: str = "") -> CellResult:
    text = explanation or f"no interpreter {of.get('python')}"
    return CellResult(
        cell=of,
        matrix="full",
        repro_sha256=digest(of.repro),
        state=Unavailable(reason=reason, explanation=text, remedy="uv python install"),
        judgement=Skipped(reason=reason, explanation=text),
        finished_at="2026-01-02T03:05:00Z",
    )
