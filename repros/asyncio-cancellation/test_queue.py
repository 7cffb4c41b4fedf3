"""Queues whose readers go away."""

import asyncio

import pytest


async def test_an_item_for_a_cancelled_reader_goes_to_the_next_one():
    """`put` wakes somebody, even if the first in line has just been cancelled (bpo-23812)."""
    queue = asyncio.Queue()
    first, second = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait("item")
    first.cancel()
    assert await second == "item"


async def test_shutting_a_queue_down_wakes_its_readers():
    """No reader waits for items that will never come (gh-96471)."""
    queue = asyncio.Queue()
    if not hasattr(queue, "shutdown"):
        pytest.skip("Queue.shutdown is new in 3.13")
    reader = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.shutdown()
    with pytest.raises(asyncio.QueueShutDown):
        await reader
