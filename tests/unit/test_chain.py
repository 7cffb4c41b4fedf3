"""Which chain tells where a program waits, and which of its frames are worth reading."""

from __future__ import annotations

import pytest

from bisectrix.judge.chain import matches, owner_text, place, place_text, telling_chain, useful, without_boilerplate
from support.seen import PLACES, frames, task, thread

WHERE = frames(*PLACES)
IDLE = thread(("app.py", "<module>"), ("asyncio/base_events.py", "_run_once"), ("selectors.py", "select"))


@pytest.mark.parametrize(
    "stack",
    [
        (),
        ("vcr/stubs/httpcore_stubs.py", "connection_pool.py:wait_for_connection"),
        ("main", "wait_for_connection"),
        ("_client.py", "_client.py"),
        ("_async/connection_pool.py:handle_async_request",),
        ("httpcore_stubs.py:_inner", "httpcore_stubs.py:_vcr_request"),
    ],
)
def test_a_stack_matches_in_order_by_whole_components(stack: tuple[str, ...]) -> None:
    assert matches(stack, WHERE)


@pytest.mark.parametrize(
    "stack",
    [
        ("connection_pool.py:wait_for_connection", "vcr/stubs/httpcore_stubs.py"),
        ("pool.py",),
        ("stubs/connection_pool.py",),
        ("connection_pool.py:wait",),
        ("wait_for",),
        ("vcr-pool.py", "vcr-pool.py"),
    ],
)
def test_a_stack_does_not_match_out_of_order_or_in_part(stack: tuple[str, ...]) -> None:
    assert not matches(stack, WHERE)


def test_the_chain_with_the_declared_stack_tells_most() -> None:
    other, declared = task(("app.py", "main")), task(("app.py", "worker"), ("lib/x.py", "wait"), name="Task-7")
    assert telling_chain([IDLE, other, declared], ("x.py:wait",)) is declared


def test_else_the_main_task_then_any_task_then_the_main_thread() -> None:
    main, worker = task(("app.py", "main")), task(("app.py", "worker"), name="Task-2")
    other = thread(("app.py", "work"), name="Thread-1")
    assert telling_chain([worker, IDLE, main]) is main
    assert telling_chain([IDLE, worker]) is worker
    assert telling_chain([other, IDLE]) is IDLE
    assert telling_chain([other], ("nowhere",)) is other
    assert telling_chain([]) is None


def test_a_main_thread_that_keeps_its_loop_from_turning_tells_more_than_a_task() -> None:
    stuck = thread(("asyncio/base_events.py", "_run_once"), ("asyncio/events.py", "_run"), ("app.py", "block"))
    assert telling_chain([task(("app.py", "main")), stuck]) is stuck


def test_owners_are_named_for_people() -> None:
    names = [owner_text(chain) for chain in (task(), task(name="w"), thread(), thread(name="Thread-1"))]
    assert names == ["main task", "task w", "main thread", "thread Thread-1"]


def test_the_place_is_where_somebody_waits_who_is_no_helper() -> None:
    innermost = place(WHERE)
    assert innermost is not None
    assert place_text(innermost) == "wait_for_connection (httpcore/_async/connection_pool.py)"


def test_the_useful_chain_has_the_entry_each_package_the_place_and_the_last_call() -> None:
    assert [(frame.file, frame.function) for frame in useful(WHERE)] == [
        ("vcr-pool.py", "main"),
        ("httpx/_client.py", "_send_single_request"),
        ("vcr/stubs/httpcore_stubs.py", "_vcr_request"),
        ("httpcore/_async/connection_pool.py", "wait_for_connection"),
        ("asyncio/locks.py", "wait"),
    ]


def test_frames_of_the_declared_stack_are_kept() -> None:
    assert ("vcr/stubs/httpcore_stubs.py", "_inner") in [(f.file, f.function) for f in useful(WHERE, ("_inner",))]


def test_boilerplate_is_dropped_unless_there_is_nothing_else() -> None:
    mixed = frames(("runpy.py", "_run_code"), ("_pytest/python.py", "call"), ("t.py", "f"), ("threading.py", "wait"))
    assert [frame.function for frame in without_boilerplate(mixed)] == ["f", "wait"]
    assert without_boilerplate(mixed[:2]) == mixed[:2]
    assert place(()) is None
    assert useful(()) == ()


def test_a_file_of_the_repro_that_is_called_like_boilerplate_stays() -> None:
    own = frames(("helpers/selectors.py", "choose"))
    assert place(own) == own[0]
    assert without_boilerplate((*own, *frames(("app.py", "run")))) == (*own, *frames(("app.py", "run")))


def test_a_chain_of_nothing_but_waiting_is_shown_as_it_is() -> None:
    waiting = frames(("asyncio/locks.py", "wait"), ("asyncio/tasks.py", "wait_for"))
    assert useful(waiting, ()) == waiting
