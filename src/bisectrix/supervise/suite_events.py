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
    """A test that has begun.

    Attributes:
        began_after_s: since pytest itself began.
        phase: `setup`, `call` or `teardown`; empty when it is not known.
        fixtures: those being set up, by key, with their names; the innermost last.
        shared: keys of those of them that other tests use, too.
    """

    nodeid: str
    began_after_s: float
    phase: str
    fixtures: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)


@dataclass(slots=True)
class SuiteRun:
    """One run of pytest, as far as its events go.

    Attributes:
        needs: every test that was to be run, in order, with the keys of the shared fixtures it needs.
        finished: results by test, files that could not be collected among them.
        ended: pytest came to its end by itself.
    """

    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    finished: dict[str, TestResult] = field(default_factory=dict)
    under_way: dict[str, UnderWay] = field(default_factory=dict)
    ended: bool = False

    def take(self, event: Mapping[str, Any]) -> None:
        """Follow one event.

        Raises:
            KeyError, ValueError, TypeError: it has not the form that the plugin gives it.
        """
        match event["event"]:
            case "collected":
                self.needs = {nodeid: tuple(fixtures) for nodeid, fixtures in event["tests"]}
            case "start":
                self.under_way[event["test"]] = UnderWay(event["test"], float(event["after_s"]), event["phase"])
            case "phase":
                self.under_way[event["test"]].phase = event["phase"]
            case "fixture":
                self._begin_fixture(event)
            case "fixture-done":
                for test in self.under_way.values():
                    test.fixtures.pop(event["key"], None)
            case "finish":
                self.under_way.pop(event["test"], None)
                self._finish(event["test"], TestOutcome(event["outcome"]), event["duration_s"], event["message"])
            case "broken":
                self._finish(event["test"], TestOutcome.ERROR, 0.0, event["message"])
            case "end":
                self.ended = True
            case _:
                message = f"no event of ours: {event['event']!r}"
                raise ValueError(message)

    def _begin_fixture(self, event: Mapping[str, Any]) -> None:
        for test in self.under_way.values():
            test.fixtures[event["key"]] = event["name"]
            if event["scope"] != "function":
                test.shared.add(event["key"])

    def _finish(self, nodeid: str, outcome: TestOutcome, duration_s: float, message: str) -> None:
        self.finished[nodeid] = TestResult(
            nodeid=nodeid, outcome=outcome, duration_s=float(duration_s), message=message
        )


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
