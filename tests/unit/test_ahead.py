"""Environments made ahead of the probes that need them, and given up when nobody does any more."""

from __future__ import annotations

import threading
from queue import Queue
from typing import Self

from bisectrix.errors import InfraError
from bisectrix.runner.ahead import Ahead
from bisectrix.supervise.cancelled import Cancelled

DEADLINE_S = 30


class Maker:
    """Says what it begins, and ends it when told to, or when stopped."""

    def __init__(self) -> None:
        self.begun: Queue[int] = Queue()
        self.go_on: Queue[Exception | None] = Queue()
        self.given_up: list[int] = []
        self._stop = threading.Event()

    def aside(self, stop: threading.Event) -> Self:
        self._stop = stop
        return self

    def make(self, value: int) -> None:
        self.begun.put(value)
        if value < 0:
            self._stop.wait(DEADLINE_S)
            self.given_up.append(value)
            raise Cancelled
        if error := self.go_on.get(timeout=DEADLINE_S):
            raise error

    def next_begun(self) -> int:
        return self.begun.get(timeout=DEADLINE_S)


def test_one_is_made_at_a_time_in_the_order_offered() -> None:
    maker = Maker()
    with Ahead(maker) as ahead:
        ahead.offer([3, 5])
        assert maker.next_begun() == 3
        assert maker.begun.empty()
        maker.go_on.put(None)
        assert maker.next_begun() == 5
        maker.go_on.put(None)


def test_what_is_not_wanted_any_more_is_not_begun_and_nothing_twice() -> None:
    maker = Maker()
    with Ahead(maker) as ahead:
        ahead.offer([3, 5])
        assert maker.next_begun() == 3
        ahead.offer([3, 8])
        maker.go_on.put(None)
        assert maker.next_begun() == 8
        maker.go_on.put(None)
    assert maker.begun.empty()


def test_what_fails_is_left_to_the_probe_that_needs_it() -> None:
    maker = Maker()
    with Ahead(maker) as ahead:
        ahead.offer([3, 5])
        assert maker.next_begun() == 3
        maker.go_on.put(InfraError("the index is down"))
        assert maker.next_begun() == 5
        maker.go_on.put(None)


def test_what_is_half_made_at_the_end_is_given_up() -> None:
    maker = Maker()
    with Ahead(maker) as ahead:
        ahead.offer([-1, 5])
        assert maker.next_begun() == -1
    assert maker.given_up == [-1]
    assert maker.begun.empty()
