"""Which two looks make a window."""

from __future__ import annotations

from bisectrix.supervise.history import History
from bisectrix.supervise.sample import Look, Thread
from bisectrix.supervise.syscalls import Until, Wait


def look(at_s: float, *pids: int) -> Look:
    wait = Wait("futex", Until.FOR_EVER)
    threads = tuple(Thread(pid=pid, tid=pid, start=1, ran_ns=0, queued_ns=0, slices=0, wait=wait) for pid in pids)
    return Look(at_s=at_s, threads=threads)


def seconds(until: int) -> History:
    history = History(look(0, 1), keep_s=3)
    for at_s in range(1, until + 1):
        history.add(look(at_s, 1))
    return history


def test_a_window_is_the_shortest_that_is_long_enough() -> None:
    assert [seconds(9).window(length_s).first.at_s for length_s in (1, 1.5, 3)] == [8, 7, 6]


def test_a_window_longer_than_what_is_kept_begins_with_the_oldest_look() -> None:
    assert seconds(9).window(100).first.at_s == 6
    assert seconds(2).window(100).first.at_s == 0


def test_progress_counts_only_when_it_lies_in_the_window() -> None:
    history = seconds(9)
    history.note("output", 7.5)
    assert history.window(1).progress == ""
    assert history.window(2).progress == "output"


def test_a_process_that_came_is_progress() -> None:
    history = seconds(9)
    history.add(look(10, 1, 2))
    assert history.window(1).progress == "processes came or went"
