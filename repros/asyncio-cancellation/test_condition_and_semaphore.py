"""A wake-up meant for a waiter that is cancelled goes to the next one."""

import asyncio

from settle import settle


async def test_a_notification_for_a_cancelled_waiter_wakes_the_next_one():
    """`Condition.notify(1)` wakes somebody, even if the first in line has just been cancelled (gh-112202)."""
    condition = asyncio.Condition()

    async def wait():
        async with condition:
            await condition.wait()

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await settle()
    async with condition:
        condition.notify(1)
        first.cancel()
    await second


async def test_a_slot_for_a_cancelled_waiter_goes_to_the_next_one():
    """`Semaphore.release` lets somebody in, even if the first in line has just been cancelled (gh-90155)."""
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    first, second = asyncio.create_task(semaphore.acquire()), asyncio.create_task(semaphore.acquire())
    await settle()
    semaphore.release()
    first.cancel()
    await second


async def test_a_semaphore_is_served_in_the_order_of_arrival():
    """Somebody who comes late does not overtake a waiter that has been promised the slot (gh-90155)."""
    semaphore, order = asyncio.Semaphore(1), []

    async def enter(name):
        async with semaphore:
            order.append(name)

    await semaphore.acquire()
    early = asyncio.create_task(enter("early"))
    await settle()
    semaphore.release()
    await enter("late")
    await early
    assert order == ["early", "late"]


async def test_a_lock_for_a_cancelled_waiter_goes_to_the_next_one():
    """`Lock.release` lets somebody in, even if the first in line has just been cancelled (bpo-32734)."""
    lock = asyncio.Lock()
    await lock.acquire()
    first, second = asyncio.create_task(lock.acquire()), asyncio.create_task(lock.acquire())
    await settle()
    lock.release()
    first.cancel()
    await second
