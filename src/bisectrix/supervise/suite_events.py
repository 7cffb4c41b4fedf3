"""What the events of one pytest run say: which tests ended how, and which was under way when it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bisectrix.model.attempt import TestResult
from bisectrix.model.words import TestOutcome


@dataclass(slots=True)
class UnderWay:
    """A test that has begun, or a file that is being collected.

    Attributes:
        began_after_s: since pytest itself began.
        phase: `setup`, `call`, `teardown`, or `collection`.
        fixtures: those being set up, by key, with their names; the innermost last.
        shared: keys of those of them that other tests use, too.
        cleans: name of the fixture that is being cleaned up; empty before the first.
        worker: of pytest-xdist, `gw0`; empty without.
        pid: of that worker as it knows itself, 0 without.
    """

    nodeid: str
    began_after_s: float
    phase: str
    fixtures: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    cleans: str = ""
    worker: str = ""
    pid: int = 0


@dataclass(slots=True)
class SuiteRun:
    """One run of pytest, as far as its events go.

    Attributes:
        needs: every test that was to be run, in order, with the keys of the shared fixtures it needs.
        finished: results by test, files that could not be collected among them.
        under_way: by test, or file.
        begun: pytest itself came to its start.
        ended: pytest came to its end by itself.
        lost_a_worker: tests may be left over although it did.
    """

    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    finished: dict[str, TestResult] = field(default_factory=dict)
    under_way: dict[str, UnderWay] = field(default_factory=dict)
    begun: bool = False
    ended: bool = False
    lost_a_worker: bool = False

    def take(self, event: Mapping[str, Any]) -> None:
        """Follow one event.

        Raises:
            KeyError, ValueError, TypeError: it has not the form that the plugin gives it.
        """
        worker = event.get("worker", "")
        match event["event"]:
            case "begin":
                self.begun = True
            case "collecting":
                self._collect(event["test"], worker)
            case "collected":
                self.needs = {nodeid: tuple(fixtures) for nodeid, fixtures in event["tests"]}
            case "broken":
                self._finish(event["test"], TestOutcome.ERROR, 0.0, event["message"])
            case "fixture" | "fixture-done" | "fixture-end":
                for test in self._tests_of(worker):
                    _follow_fixture(test, event)
            case "end":
                self.ended = True
            case _:
                self._take_of_test(event, worker)

    def _take_of_test(self, event: Mapping[str, Any], worker: str) -> None:
        nodeid = event["test"]
        match event["event"]:
            case "start":
                began_after_s, pid = float(event["after_s"]), int(event.get("pid", 0))
                self.under_way[nodeid] = UnderWay(nodeid, began_after_s, phase="setup", worker=worker, pid=pid)
            case "phase":
                self.under_way[nodeid].phase = event["phase"]
            case "finish":
                self.under_way.pop(nodeid, None)
                self.lost_a_worker |= event.get("lost", False)
                self._finish(nodeid, TestOutcome(event["outcome"]), event["duration_s"], event["message"])
            case _:
                message = f"no event of ours: {event['event']!r}"
                raise ValueError(message)

    def _collect(self, file: str, worker: str) -> None:
        """Put a file in place of the one that the same process collected before."""
        for test in self._tests_of(worker):
            del self.under_way[test.nodeid]
        if file:
            self.under_way[file] = UnderWay(file, 0.0, phase="collection", worker=worker)

    def _tests_of(self, worker: str) -> list[UnderWay]:
        return [test for test in self.under_way.values() if test.worker == worker]

    def _finish(self, nodeid: str, outcome: TestOutcome, duration_s: float, message: str) -> None:
        self.finished[nodeid] = TestResult(
            nodeid=nodeid, outcome=outcome, duration_s=float(duration_s), message=message
        )


def _follow_fixture(test: UnderWay, event: Mapping[str, Any]) -> None:
    match event["event"]:
        case "fixture":
            test.fixtures[event["key"]] = event["name"]
            if event["scope"] != "function":
                test.shared.add(event["key"])
        case "fixture-done":
            test.fixtures.pop(event["key"], None)
        case _:
            test.cleans = event["name"]


def read_run(lines: Iterable[bytes]) -> SuiteRun:
    """Follow all events; what is no event, such as a line that somebody else wrote, is passed over."""
    run = SuiteRun()
    for event in _events(lines):
        try:
            run.take(event)
        except (KeyError, ValueError, TypeError):
            continue
    return run


def _events(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
