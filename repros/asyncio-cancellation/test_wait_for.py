"""`asyncio.wait_for` and a cancel that comes at an awkward moment."""

import asyncio

import pytest
from settle import settle


async def test_a_cancel_is_not_lost_when_the_awaited_thing_happens_in_the_same_tick():
    """A worker that is told to stop just as its item arrives stops, and does not begin to work on it (gh-86296)."""

    async def work(inbox):
        await asyncio.wait_for(inbox.get(), timeout=60)
        await asyncio.Future()

    inbox = asyncio.Queue()
    worker = asyncio.create_task(work(inbox))
    await settle()
    inbox.put_nowait("item")
    await asyncio.sleep(0)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker


async def test_a_cancel_is_not_lost_while_a_time_limit_takes_effect():
    """Whoever cancels gets CancelledError, not the TimeoutError of the limit that passed just before."""
    stopping = asyncio.Event()

    async def slow_to_stop():
        try:
            await asyncio.Future()
        finally:
            stopping.set()
            await asyncio.sleep(60)

    waiting = asyncio.create_task(asyncio.wait_for(slow_to_stop(), timeout=0.001))
    await stopping.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_time_limit_waits_until_the_cancelled_task_has_cleaned_up():
    """TimeoutError comes after the awaited task's own `finally`, not before (bpo-32751)."""
    events = []

    async def job():
        try:
            await asyncio.Future()
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(job(), timeout=0.01)
    assert events == ["cleaned up"]


async def test_a_result_given_in_answer_to_the_time_limit_is_kept():
    """A task that answers its cancel with a result has that result returned (bpo-37658)."""

    async def job():
        try:
            await asyncio.Future()
        except asyncio.CancelledError:
            return "best so far"

    assert await asyncio.wait_for(job(), timeout=0.01) == "best so far"


async def test_a_finished_task_is_returned_even_with_no_time_left():
    """A limit of 0 takes what is already there, and cancels nothing (bpo-32751)."""
    done = asyncio.create_task(asyncio.sleep(0, "result"))
    await done
    assert await asyncio.wait_for(done, timeout=0) == "result"
