"""Short ways to write down what an attempt did, for tests that judge it."""

from __future__ import annotations

from bisectrix.model.attempt import Attempt, Chain, Ending, Execution, Exited, Frame, Output, Signature, TestResult
from bisectrix.model.words import Outcome, Stage, TestOutcome, Verdict

PLACES = (
    ("asyncio/runners.py", "run"),
    ("asyncio/base_events.py", "run_until_complete"),
    ("vcr-pool.py", "main"),
    ("httpx/_client.py", "get"),
    ("httpx/_client.py", "_send_single_request"),
    ("vcr/stubs/httpcore_stubs.py", "_inner"),
    ("vcr/stubs/httpcore_stubs.py", "_vcr_request"),
    ("httpcore/_async/connection_pool.py", "handle_async_request"),
    ("httpcore/_async/connection_pool.py", "wait_for_connection"),
    ("httpcore/_synchronization.py", "wait"),
    ("anyio/_backends/_asyncio.py", "wait"),
    ("asyncio/locks.py", "wait"),
)


def frames(*places: tuple[str, str]) -> tuple[Frame, ...]:
    return tuple(Frame(file=file, function=function, line=line) for line, (file, function) in enumerate(places, 1))


def task(*places: tuple[str, str], name: str = "Task-1") -> Chain:
    return Chain(owner=name, kind="task", process=1, frames=frames(*places))


def thread(*places: tuple[str, str], name: str = "MainThread") -> Chain:
    return Chain(owner=name, kind="thread", process=1, frames=frames(*places))


def said(text: str, *, truncated: bool = False) -> Output:
    return Output(text=text, size_bytes=len(text), truncated=truncated)


def execution(
    ending: Ending | None = None,
    *,
    stdout: str = "",
    stderr: str = "",
    truncated: bool = False,
    chains: tuple[Chain, ...] = (),
    leaked: tuple[str, ...] = (),
    tests: tuple[TestResult, ...] = (),
) -> Execution:
    return Execution(
        ending=ending or Exited(code=0),
        duration_s=1.0,
        ready_after_s=0.0,
        cpu_s=0.1,
        peak_memory_mib=20.0,
        leaked=leaked,
        stdout=said(stdout, truncated=truncated),
        stderr=said(stderr),
        chains=chains,
        tests=tests,
    )


def result_of(
    name: str, outcome: TestOutcome = TestOutcome.PASS, message: str = "", chains: tuple[Chain, ...] = ()
) -> TestResult:
    nodeid = name if name.endswith(".py") else f"test_app.py::{name}"
    return TestResult(nodeid=nodeid, outcome=outcome, duration_s=0.1, message=message, chains=chains)


def attempt(
    verdict: Verdict, outcome: Outcome, summary: str = "", signature: Signature | None = None, number: int = 1
) -> Attempt:
    return Attempt(
        number=number,
        stage=Stage.RUN,
        ending=Exited(code=0),
        outcome=outcome,
        verdict=verdict,
        summary=summary or outcome,
        signature=signature,
        chain=(),
        duration_s=1.0,
        cpu_s=0.1,
        peak_memory_mib=20.0,
        load=1,
        started_at="2026-01-06T00:00:00Z",
    )
