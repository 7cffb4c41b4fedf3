"""Which limit of a suite holds, by the events so far."""

from __future__ import annotations

import json

import pytest

from bisectrix.model.repro import Limits
from bisectrix.supervise.suite_stage import Stage, StageReader, allowed_s

LIMITS = Limits(startup_s=1, deadline_s=2, collect_s=3, fixture_s=4, test_s=5, exit_s=6)


def after(*events: dict[str, str]) -> Stage:
    reader = StageReader()
    for event in events:
        reader.feed(json.dumps(event).encode() + b"\n")
    return reader.stage


def event(kind: str, phase: str = "") -> dict[str, str]:
    return {"event": kind, "phase": phase}


@pytest.mark.parametrize(
    ("events", "stage", "expected_s"),
    [
        ([], Stage.START, 1),
        ([event("begin")], Stage.COLLECTION, 3),
        ([event("begin"), event("collecting"), event("collected")], Stage.COLLECTION, 3),
        ([event("start")], Stage.FIXTURE, 4),
        ([event("start"), event("fixture"), event("fixture-done")], Stage.FIXTURE, 4),
        ([event("start"), event("phase", "call")], Stage.TEST, 5),
        ([event("phase", "call"), event("fixture")], Stage.FIXTURE, 4),
        ([event("phase", "call"), event("fixture"), event("fixture-done")], Stage.TEST, 5),
        ([event("phase", "call"), event("phase", "teardown")], Stage.FIXTURE, 4),
        ([event("phase", "call"), event("finish"), event("start")], Stage.FIXTURE, 4),
        ([event("finish"), event("end")], Stage.EXIT, 6),
        ([event("phase", "call"), event("somebody else's")], Stage.TEST, 5),
    ],
)
def test_each_part_has_its_own_limit(events: list[dict[str, str]], stage: Stage, expected_s: float) -> None:
    assert after(*events) is stage
    assert allowed_s(stage, LIMITS) == expected_s


def test_what_is_not_set_is_the_deadline_and_the_longer_one_for_collecting() -> None:
    limits = Limits(startup_s=120, deadline_s=60)
    assert {stage: allowed_s(stage, limits) for stage in Stage} == {
        **dict.fromkeys((Stage.FIXTURE, Stage.TEST, Stage.EXIT), 60),
        **dict.fromkeys((Stage.START, Stage.COLLECTION), 120),
    }


@pytest.mark.parametrize(
    ("pieces", "stage"),
    [
        ((b'{"event": "be', b'gin"}\nno event\n[]\n{"event"', b': "end"}'), Stage.COLLECTION),
        ((b'{"event": "be', b'gin"}\nno event\n[]\n{"event"', b': "end"}', b"\n"), Stage.EXIT),
    ],
    ids=["begun", "whole"],
)
def test_events_may_come_in_pieces_with_rubbish_between_them(pieces: tuple[bytes, ...], stage: Stage) -> None:
    reader = StageReader()
    for piece in pieces:
        reader.feed(piece)
    assert reader.stage is stage
