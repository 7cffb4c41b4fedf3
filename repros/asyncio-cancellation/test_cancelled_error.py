"""How a cancel travels through coroutines and tasks, and who can stop it."""

import asyncio

import pytest


async def start(coroutine):
    task = asyncio.create_task(coroutine)
    await asyncio.sleep(0)
    return task


async def test_except_exception_does_not_stop_a_cancel():
    """CancelledError is no Exception, so that catching every error is safe (bpo-32528)."""

    async def careless():
        try:
            await asyncio.Future()
        except Exception:
            await asyncio.Future()

    task = await start(careless())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_bare_except_stops_a_cancel():
    """`except:` takes the cancel, and the task ends as if nobody had asked it to stop."""

    async def stubborn():
        try:
            await asyncio.Future()
        except:
            return "finished"

    task = await start(stubborn())
    task.cancel()
    assert await task == "finished"


async def test_a_cancel_unwinds_from_the_innermost_await():
    """Every level of an await chain cleans up, innermost first."""
    events = []

    async def level(number):
        try:
            await (level(number + 1) if number < 3 else asyncio.Future())
        finally:
            events.append(number)

    task = await start(level(1))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == [3, 2, 1]


async def test_a_task_cancelled_before_it_starts_never_runs():
    """Not even its `finally` does."""
    events = []

    async def job():
        try:
            events.append("started")
        finally:
            events.append("cleaned up")

    task = asyncio.create_task(job())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == []


async def test_a_second_cancel_interrupts_the_cleaning_up():
    """A cancel is not remembered as "already done": each one raises again."""
    events = []

    async def job():
        try:
            await asyncio.Future()
        finally:
            await asyncio.sleep(60)
            events.append("cleaned up")

    task = await start(job())
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == []


async def test_the_message_of_a_cancel_reaches_whoever_awaits_the_task():
    """`task.cancel("why")` tells the awaiter why (gh-89553)."""
    task = await start(asyncio.sleep(60))
    try:
        task.cancel("why")
    except TypeError:
        pytest.skip("Task.cancel takes a message since 3.9")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert caught.value.args == ("why",)


async def test_a_task_counts_the_cancels_it_was_asked_for():
    """`cancelling` counts up, `uncancel` counts down (gh-90908)."""
    if not hasattr(asyncio.Task, "cancelling"):
        pytest.skip("Task.cancelling is new in 3.11")
    task = await start(asyncio.sleep(60))
    task.cancel()
    task.cancel()
    assert task.cancelling() == 2
    assert task.uncancel() == 1


async def test_a_cancel_taken_back_in_time_does_not_happen():
    """`uncancel` down to zero withdraws a cancel that has not been delivered yet (gh-116720)."""
    if not hasattr(asyncio.Task, "uncancel"):
        pytest.skip("Task.uncancel is new in 3.11")

    async def change_of_mind():
        asyncio.current_task().cancel()
        asyncio.current_task().uncancel()
        await asyncio.sleep(0)
        return "finished"

    assert await asyncio.create_task(change_of_mind()) == "finished"
