"""Tells, one JSON line an event, which test is where, so that each has an outcome even if pytest never ends.

Loaded with `-p bisectrix_pytest_plugin`; without the variable BISECTRIX_EVENTS it does nothing. A line is written
in one call to a file opened for appending, so a kill loses nothing that was written and tears no line.
Standard library only, Python 3.8 and pytest 6 or later.

Events: begin, collecting, broken (a file that cannot be collected), collected, start, phase, fixture, fixture-done,
fixture-end (it is being cleaned up), finish, end. Workers of pytest-xdist tell of their tests under their own names.
"""
# pathlib would be slower, and is not needed for four calls:
# ruff: noqa: PTH100, PTH119, PTH120, PTH123

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = "BISECTRIX_EVENTS"
DESELECT = "BISECTRIX_DESELECT"
SETTLED = "bisectrix_settled"
TELLS = "bisectrix_tells"
LONGEST_MESSAGE = 500
DIRECT_PARAMETER = "get_direct_param_fixture_func"  # pytest's own stand-in for a parameter, which cannot hang


def pytest_configure(config: pytest.Config) -> None:
    """Start to tell, unless nobody listens; programs that the tests start find no trace of us."""
    path, deselect = os.environ.pop(EVENTS, ""), os.environ.pop(DESELECT, "")
    folder = os.path.dirname(os.path.abspath(__file__))
    if folder in sys.path:
        sys.path.remove(folder)
    given = getattr(config, "workerinput", {})
    settled = given.get(SETTLED) or read_ids(deselect)
    if settled:
        config.pluginmanager.register(Leaver(settled), "bisectrix-leaver")
    if TELLS in given:
        config.pluginmanager.register(
            WorkingTeller(given[TELLS][0], given[TELLS][1], given["workerid"]), "bisectrix-teller"
        )
    elif path:
        distributes = bool(getattr(config.option, "tx", None))
        config.pluginmanager.register(DistributingTeller(path) if distributes else Teller(path), "bisectrix-teller")


def read_ids(path: str) -> list[str]:
    """Return the ids that are not to be run again."""
    if not path:
        return []
    with open(path, encoding="utf-8") as file:
        return list(json.load(file))


class Leaver:
    """Leaves out, by exact id, what already has an outcome."""

    def __init__(self, settled: list[str]) -> None:
        """Leave out the tests with these ids."""
        self.settled = settled

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out after everybody else has chosen."""
        settled = frozenset(self.settled)
        left_out = [item for item in items if item.nodeid in settled]
        if left_out:
            items[:] = [item for item in items if item.nodeid not in settled]
            config.hook.pytest_deselected(items=left_out)

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> pytest.CollectReport | None:
        """Find nothing in a file that could not be collected: it may hang again."""
        if collector.nodeid in self.settled and isinstance(collector, pytest.File):
            return pytest.CollectReport(collector.nodeid, "passed", None, [])
        return None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  pytest-xdist names it privately
        """Let a worker of pytest-xdist leave out the same."""
        node.workerinput[SETTLED] = self.settled


class Teller:
    """Appends what happens to one file; the order of the lines is the order of the events."""

    def __init__(self, path: str, began: float | None = None, worker: str = "") -> None:
        """Open the file; programs that the tests start do not inherit it."""
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.path = path
        self.pid = os.getpid()
        self.began = time.monotonic() if began is None else began
        self.whose = {"worker": worker, "pid": self.pid} if worker else {}
        self.results: dict[str, Result] = {}

    def tell(self, event: str, **fields: Any) -> None:  # noqa: ANN401
        """Append one line; a forked child of a test is not the one who tells."""
        if os.getpid() == self.pid:
            os.write(self.descriptor, json.dumps(dict(fields, event=event, **self.whose)).encode("ascii") + b"\n")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Tell that starting up is over and collecting begins."""
        self.tell("begin")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[None]:
        """Tell which file is being collected."""
        if not isinstance(collector, pytest.File):
            yield
            return
        self.tell("collecting", test=collector.nodeid)
        yield
        self.tell("collecting", test="")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell which tests will be run, and which shared fixtures each needs."""
        self.tell("collected", tests=[[item.nodeid, shared_fixtures(item)] for item in session.items])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell of a file that cannot be collected."""
        if report.failed:
            self.tell("broken", test=report.nodeid or "collection", message=message_of(report))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a test begins."""
        self.results[nodeid] = Result()
        self.tell("start", test=nodeid, after_s=round(time.monotonic() - self.began, 3))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Tell that a test's own code begins."""
        self.tell("phase", test=item.nodeid, phase="call")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Tell that cleaning up after a test begins."""
        self.tell("phase", test=item.nodeid, phase="teardown")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:  # noqa: ANN401  no public type says param_index
        """Tell which fixture is being set up."""
        if getattr(fixturedef.func, "__name__", "") == DIRECT_PARAMETER:
            yield
            return
        key = fixture_key(fixturedef, request.node, getattr(request, "param_index", 0))
        self.tell("fixture", name=fixturedef.argname, scope=fixturedef.scope, key=key)
        yield
        self.tell("fixture-done", key=key)
        # finalizers run last in, first out: this one before what the fixture itself does to clean up
        fixturedef.addfinalizer(lambda: self.tell("fixture-end", name=fixturedef.argname))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of what one phase of a test did."""
        self.results[report.nodeid].add(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tell how a test ended."""
        result = self.results.pop(nodeid)
        self.tell(
            "finish",
            test=nodeid,
            outcome=result.outcome,
            duration_s=round(result.duration_s, 6),
            message=result.message,
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Tell that pytest came to its end by itself."""
        self.tell("end", exit_code=int(exitstatus))


class DistributingTeller(Teller):
    """Tells that a run of pytest-xdist begins and ends, and which worker was lost; of tests its workers tell."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:  # type: ignore[override]
        """Tell that starting up is over; wait for workers without a time limit, so that a standstill shows as one."""
        self.tell("begin")
        queue = getattr(session.config.pluginmanager.getplugin("dsession"), "queue", None)
        if queue is not None:
            get = queue.get
            queue.get = lambda timeout=None: get()  # noqa: ARG005  a polling wait looks alive for ever

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  pytest-xdist names it privately
        """Let a worker tell."""
        node.workerinput[TELLS] = [self.path, self.began]

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Tell of a test with which its worker ended."""
        self.tell("finish", test=crashitem, outcome="crash", duration_s=0.0, message=message_of(report), lost=True)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell nothing: the workers collect."""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell nothing: the worker does."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of nothing: the worker does."""

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tell nothing: the worker does."""


class WorkingTeller(Teller):
    """Tells of the tests that one worker of pytest-xdist runs; when it ends, others may go on."""

    def pytest_sessionstart(self) -> None:
        """Tell nothing: the run has begun before."""

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Tell nothing: the run has not ended."""


class Result:
    """What a test's phases did so far; a failure to clean up outweighs what the test itself did."""

    def __init__(self) -> None:
        """Begin with a test that has done nothing wrong."""
        self.outcome, self.message, self.duration_s = "pass", "", 0.0

    def add(self, report: pytest.TestReport) -> None:
        """Add one phase."""
        self.duration_s += report.duration
        outcome = outcome_of(report)
        if outcome == "error" or self.outcome == "pass":
            self.outcome = outcome
            self.message = self.message or ("" if outcome == "pass" else message_of(report))


def shared_fixtures(item: pytest.Item) -> list[str]:
    """Return the keys of the fixtures that a test shares with others."""
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    indices = getattr(getattr(item, "callspec", None), "indices", {})
    return [
        fixture_key(definition, item, indices.get(name, 0))
        for name in getattr(item, "fixturenames", ())
        for definition in definitions.get(name, ())
        if definition.scope != "function"
    ]


def fixture_key(definition: Any, node: Any, param_index: int) -> str:  # noqa: ANN401  pytest names them privately
    """Name one instance of a fixture: equal keys are set up once."""
    return "%s[%d] of %s in %s" % (definition.argname, param_index, definition.baseid, place_of(definition.scope, node))


def place_of(scope: str, node: Any) -> str:  # noqa: ANN401  pytest names it privately
    """Return the part of the suite in which a fixture of this scope is set up once."""
    if scope == "session":
        return "session"
    kinds = {"class": pytest.Class, "module": pytest.Module, "package": pytest.Package}
    parent = node.getparent(kinds[scope]) if scope in kinds else node
    return getattr(parent, "nodeid", "") or node.nodeid.split("::")[0]


def outcome_of(report: pytest.TestReport) -> str:
    """Return the word for what one phase of a test did."""
    if report.failed:
        return "fail" if report.when == "call" else "error"
    if report.skipped:
        return "xfail" if hasattr(report, "wasxfail") else "skip"
    return "xpass" if hasattr(report, "wasxfail") and report.when == "call" else "pass"


def message_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the exception's first line and where it was raised, or why a test was skipped."""
    longrepr = report.longrepr
    if isinstance(longrepr, tuple):
        return shortened(str(longrepr[-1]))
    crash = getattr(longrepr, "reprcrash", None)
    if crash is None:
        lines = [line for line in str(longrepr or getattr(report, "wasxfail", "")).splitlines() if line.strip()]
        return shortened(lines[-1] if lines else "")
    first = crash.message.splitlines()[0] if crash.message else ""
    head = "AssertionError: " + first if first.startswith("assert ") else first
    return "%s (%s:%d)" % (shortened(head), os.path.basename(crash.path), crash.lineno)


def shortened(text: str) -> str:
    """Return the beginning of a long text, cut between words: half a secret would not be recognised as one."""
    if len(text) <= LONGEST_MESSAGE:
        return text
    return text[: LONGEST_MESSAGE + 1].rpartition(" ")[0] + " ..."
