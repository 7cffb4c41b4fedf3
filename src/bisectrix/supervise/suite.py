"""A pytest repro: an outcome for every test, though some of them hang or end the process.

Pytest is started again after each hang or crash with the tests left out that have an outcome, until none is left.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from bisectrix.model.attempt import (
    Blocked,
    Chain,
    Ending,
    Execution,
    Exited,
    Limited,
    Output,
    Overran,
    Signalled,
    TestResult,
)
from bisectrix.model.words import TestOutcome
from bisectrix.supervise.instrument import dump_folder
from bisectrix.supervise.order import Order
from bisectrix.supervise.suite_events import SuiteRun, UnderWay, read_run

MOST_RUNS = 200
"""Each run but the last settles at least one test; a suite with more hangs and crashes is given up."""

EXIT = "exit"
SESSION = "session"
"""Stand in place of a test's id for what happens when the tests are over, and between them."""

_PHASES: Mapping[str, str] = MappingProxyType(
    {
        "setup": "in set-up",
        "call": "in the test itself",
        "exit": "at exit, after all tests",
        "session": "before pytest had ended",
    }
)

_TIMEOUT_BANNER = re.compile(r"^\++ Timeout \++$", re.MULTILINE)

_CONFIGURED_BY = {
    "pyproject.toml": "[tool.pytest",
    "tox.ini": "[pytest]",
    "setup.cfg": "[tool:pytest]",
    "pytest.ini": "",
    ".pytest.ini": "",
}


def pytest_argv(python: str, tests: Sequence[str]) -> tuple[str, ...]:
    """Return the command that runs `tests` with our plugin; the working folder is the root of the suite."""
    return (
        *(python, "-m", "pytest", "-p", "bisectrix_pytest_plugin", "-p", "no:cacheprovider"),
        *("--rootdir=.", "--confcutdir=.", "-q", "--color=no", *tests),
    )


def run_suite(
    run_once: Callable[[Order], Execution],
    order: Order,
    *,
    redact: Callable[[str], str] = lambda text: text,
    most_runs: int = MOST_RUNS,
) -> Execution:
    """Run a pytest command until every test that it collects has an outcome, or a run settles nothing new.

    Args:
        run_once: supervises one order to its end.
        order: its `argv` from `pytest_argv`; `events` is set here, evidence goes to a folder for each run.
        redact: removes secrets from the names and messages of tests; `run_once` has seen to all else.
        most_runs: the suite is given up after so many.

    Returns:
        One execution: the worst ending with its chains, durations added up, tests in the order of collection.
    """
    order, suite, executions = _without_foreign_settings(order), _Suite(), []
    for number in range(1, most_runs + 1):
        next_order = _order_of_run(order, number, tuple(suite.results))
        execution = run_once(next_order)
        executions.append(execution)
        settled_before = len(suite.results)
        run = _read(next_order.events)
        suite.take(run, execution)
        if suite.is_complete(run) or len(suite.results) == settled_before:
            break
    tests = tuple(replace(test, nodeid=redact(test.nodeid), message=redact(test.message)) for test in suite.tests())
    return _merged(executions, tests)


def _without_foreign_settings(order: Order) -> Order:
    """Keep pytest from looking for its settings in the folders above a suite that has none."""
    if any(_holds(order.prepared_cwd / name, section) for name, section in _CONFIGURED_BY.items()):
        return order
    return replace(order, argv=(*order.argv, "-c", os.devnull))


def _holds(file: Path, section: str) -> bool:
    return file.is_file() and section in file.read_text(encoding="utf-8", errors="replace")


def _order_of_run(order: Order, number: int, settled: tuple[str, ...]) -> Order:
    events = dump_folder(order.scratch) / f"events-{number}.jsonl"
    events.parent.mkdir(exist_ok=True)
    deselect = order.scratch / f"settled-{number}.json"
    deselect.write_text(json.dumps(settled), encoding="utf-8")
    variables = (
        ("BISECTRIX_EVENTS", str(order.seen_inside(events))),
        ("BISECTRIX_DESELECT", str(order.seen_inside(deselect))),
    )
    return replace(
        order, env=(*order.env, *variables), events=events, evidence_dir=order.evidence_dir / f"run-{number}"
    )


def _read(events: Path | None) -> SuiteRun:
    if events is None or not events.is_file():
        return SuiteRun()
    return read_run(events.read_bytes().splitlines())


@dataclass(slots=True)
class _Suite:
    """What is known after some runs.

    Attributes:
        needs: every test ever collected, in order, with the shared fixtures it needs.
        unsettled: why tests without an outcome have none.
    """

    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    results: dict[str, TestResult] = field(default_factory=dict)
    unsettled: str = ""

    def take(self, run: SuiteRun, execution: Execution) -> None:
        """Add what one more run says."""
        self.needs |= {nodeid: needs for nodeid, needs in run.needs.items() if nodeid not in self.needs}
        self.results |= run.finished
        for test in run.under_way.values():
            self.results[test.nodeid] = _stopped(test, execution)
        if isinstance(execution.ending, Blocked):
            for test in run.under_way.values():
                self.results |= {result.nodeid: result for result in self._blocked_by(test)}
        self.unsettled = "" if run.ended else f"never begun: {_in_words(execution.ending)} before it"
        self.results |= {result.nodeid: result for result in _outside(run, execution)}

    def _blocked_by(self, hung: UnderWay) -> Iterator[TestResult]:
        """Yield a result for each test that needs a shared fixture whose set-up hangs."""
        keys = hung.shared & hung.fixtures.keys()
        for nodeid, needs in self.needs.items():
            key = next((key for key in needs if key in keys), None)
            if key and nodeid not in self.results:
                message = f"blocked by fixture {hung.fixtures[key]}"
                yield TestResult(nodeid=nodeid, outcome=TestOutcome.BLOCKED, duration_s=0.0, message=message)

    def is_complete(self, run: SuiteRun) -> bool:
        """Whether another run could settle nothing: all is settled, or pytest itself left the rest out."""
        if SESSION in self.results or (run.ended and not run.under_way and not run.lost_a_worker):
            return True
        return bool(self.needs) and self.needs.keys() <= self.results.keys()

    def tests(self) -> tuple[TestResult, ...]:
        """Return all results in the order of collection, after those of files that could not be collected."""
        uncollected = [result for nodeid, result in self.results.items() if nodeid not in self.needs]
        collected = [self.results[nodeid] for nodeid in self.needs if nodeid in self.results]
        never = [
            TestResult(nodeid=nodeid, outcome=TestOutcome.BLOCKED, duration_s=0.0, message=self.unsettled)
            for nodeid in self.needs
            if nodeid not in self.results and self.unsettled
        ]
        return (*uncollected, *collected, *never)


def _outside(run: SuiteRun, execution: Execution) -> Iterator[TestResult]:
    """Yield what happened to a run with no test under way: at its exit, or before it had come to its end."""
    if run.ended and not isinstance(execution.ending, Exited):
        yield _stopped(UnderWay(EXIT, 0.0, phase="exit"), execution)
    if run.begun and not run.ended and not run.under_way:
        yield _stopped(UnderWay(SESSION, 0.0, phase="session"), execution)


def _stopped(test: UnderWay, execution: Execution) -> TestResult:
    """Name what became of a test that was under way when its process ended or was ended."""
    timed_out = _ended_by_pytest_timeout(execution)
    how = "Timeout: pytest-timeout ended the process" if timed_out else _in_words(execution.ending)
    return TestResult(
        nodeid=test.nodeid,
        outcome=TestOutcome.FAIL if timed_out else _outcome(execution.ending),
        duration_s=round(max(execution.duration_s - test.began_after_s, 0.0), 3),
        message=f"{how} {_in_phase(test)}",
        chains=_own_chains(test, execution) if test.worker else execution.chains,
    )


def _own_chains(test: UnderWay, execution: Execution) -> tuple[Chain, ...]:
    """Return the chains of the worker that ran a test, known by its pid, or in a pid namespace by the test's function."""
    function = test.nodeid.rpartition("::")[2].partition("[")[0]
    known = {chain.process for chain in execution.chains if chain.process == test.pid}
    told = {chain.process for chain in execution.chains if any(frame.function == function for frame in chain.frames)}
    own = tuple(chain for chain in execution.chains if chain.process in (known or told))
    return own or execution.chains


def _ended_by_pytest_timeout(execution: Execution) -> bool:
    """Whether pytest-timeout, told to use a thread, printed all stacks under its banner and left."""
    if execution.ending != Exited(code=1):
        return False
    return any(_TIMEOUT_BANNER.search(output.text) for output in (execution.stdout, execution.stderr))


def _outcome(ending: Ending) -> TestOutcome:
    match ending:
        case Blocked():
            return TestOutcome.HANG
        case Overran():
            return TestOutcome.TIMEOUT
        case Exited() | Signalled() | Limited():
            return TestOutcome.CRASH


def _in_words(ending: Ending) -> str:
    match ending:
        case Blocked(claim=claim):
            return f"hung ({claim})"
        case Overran(label=label, detail=detail):
            return f"ran out of time ({label}: {detail})"
        case Limited(limit=limit, detail=detail):
            return f"crossed its {limit} limit ({detail})"
        case Signalled(signal=signal):
            return f"ended the process by {signal}"
        case Exited(code=code):
            return f"ended the process with exit code {code}"


def _in_phase(test: UnderWay) -> str:
    if test.phase in {"setup", "call"} and test.fixtures:
        return f"in set-up of fixture {list(test.fixtures.values())[-1]}"
    if test.phase == "teardown" and test.cleans:
        return f"in teardown of fixture {test.cleans}"
    return _PHASES.get(test.phase, f"in {test.phase}")


def _severity(execution: Execution) -> tuple[int, bool]:
    match execution.ending:
        case Blocked():
            return 3, True
        case Signalled() | Limited():
            return 2, True
        case Overran():
            return 1, True
        case Exited(code=code):
            return 0, code != 0


def _merged(executions: Sequence[Execution], tests: tuple[TestResult, ...]) -> Execution:
    """Return one execution for all runs, the first of the worst ones with everything added to it."""
    return replace(
        max(executions, key=_severity),
        duration_s=sum(execution.duration_s for execution in executions),
        ready_after_s=executions[0].ready_after_s,
        cpu_s=sum(execution.cpu_s for execution in executions),
        peak_memory_mib=max(execution.peak_memory_mib for execution in executions),
        leaked=tuple(line for execution in executions for line in execution.leaked),
        stdout=_joined([execution.stdout for execution in executions]),
        stderr=_joined([execution.stderr for execution in executions]),
        tests=tests,
        evidence=tuple(file for execution in executions for file in execution.evidence),
    )


def _joined(outputs: Sequence[Output]) -> Output:
    return Output(
        text="".join(output.text for output in outputs),
        size_bytes=sum(output.size_bytes for output in outputs),
        truncated=any(output.truncated for output in outputs),
    )
