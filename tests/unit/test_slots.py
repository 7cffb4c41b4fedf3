"""Room for attempts: the limit holds for the busy, the idle make room."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bisectrix.runner.slots import Slots, StoppedError

BOUND_S = 30


def test_no_more_than_the_limit_are_busy_at_once() -> None:
    slots = Slots(2, threading.Event())
    present, most, guard = 0, 0, threading.Lock()
    meeting = threading.Barrier(2)

    def work() -> None:
        nonlocal present, most
        with slots.hold():
            with guard:
                present += 1
                most = max(most, present)
            meeting.wait(BOUND_S)
            with guard:
                present -= 1

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(work) for _ in range(8)]:
            future.result(BOUND_S)

    assert most == 2


def test_an_idle_attempt_makes_room_for_another() -> None:
    slots = Slots(1, threading.Event())
    with slots.hold() as (_, set_idle):
        set_idle(True)
        with slots.hold() as (present, _):
            assert present == 2


def test_one_that_moves_again_takes_its_place_back() -> None:
    slots = Slots(1, threading.Event())
    entered = threading.Event()

    def second() -> None:
        with slots.hold():
            entered.set()

    with slots.hold() as (_, set_idle):
        set_idle(True)
        set_idle(False)
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.is_set()
    thread.join(BOUND_S)

    assert entered.is_set()


def test_telling_the_same_state_twice_counts_once() -> None:
    slots = Slots(1, threading.Event())
    with slots.hold() as (_, set_idle):
        set_idle(True)
        set_idle(True)
        with slots.hold() as (_, second_idle):
            second_idle(True)
            with slots.hold() as (present, _):
                assert present == 3


def test_a_cancelled_run_lets_nobody_in() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(StoppedError), Slots(1, cancelled).hold():
        pass


def test_cancelling_ends_the_waiting() -> None:
    cancelled = threading.Event()
    slots = Slots(1, cancelled)
    outcome: list[str] = []

    def wait() -> None:
        try:
            with slots.hold():
                outcome.append("entered")
        except StoppedError:
            outcome.append("stopped")

    with slots.hold():
        thread = threading.Thread(target=wait)
        thread.start()
        cancelled.set()
        thread.join(BOUND_S)

    assert outcome == ["stopped"]
