"""Where a run of pytest is, told by its events while it runs, and which limit holds there; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bisectrix.model.repro import Limits

_LONGEST_LINE = 1 << 20


class Stage(StrEnum):
    """A part of a run that has a limit of its own."""

    START = "start-up"
    COLLECTION = "collection"
    FIXTURE = "set-up or teardown"
    TEST = "test"
    EXIT = "exit"


def allowed_s(stage: Stage, limits: Limits) -> float:
    """Return how long a run may stay in a stage without any event."""
    match stage:
        case Stage.START:
            return limits.startup_s
        case Stage.COLLECTION:
            return limits.collection_s
        case Stage.FIXTURE:
            return limits.of_fixture_s
        case Stage.TEST:
            return limits.of_test_s
        case Stage.EXIT:
            return limits.of_exit_s


class StageReader:
    """Follows events that come in arbitrary pieces; what is no event changes nothing.

    Attributes:
        stage: after all that was read.
    """

    def __init__(self) -> None:
        """Begin before the first event."""
        self.stage = Stage.START
        self._begun = b""
        self._in_call = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file of events."""
        *whole, begun = (self._begun + chunk).split(b"\n")
        self._begun = begun[:_LONGEST_LINE]
        for line in whole:
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue

    def _take(self, event: Mapping[str, Any]) -> None:
        match event["event"]:
            case "begin" | "collecting" | "broken" | "collected":
                self.stage = Stage.COLLECTION
            case "start" | "finish" | "fixture" | "fixture-end":
                self._in_call = self._in_call and event["event"] == "fixture"
                self.stage = Stage.FIXTURE
            case "fixture-done":
                self.stage = Stage.TEST if self._in_call else Stage.FIXTURE
            case "phase":
                self._in_call = event["phase"] == "call"
                self.stage = Stage.TEST if self._in_call else Stage.FIXTURE
            case "end":
                self.stage = Stage.EXIT
            case _:  # somebody else wrote it
                pass
