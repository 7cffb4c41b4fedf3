# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A lock and a future used in a second loop; the look-alike uses a closed one."""

import asyncio
import sys


async def contended(lock):
    await asyncio.gather(*(hold(lock) for _ in range(2)))


async def hold(lock):
    async with lock:
        await asyncio.sleep(0.01)


def lock_in_two_loops():
    lock = asyncio.Lock()
    asyncio.run(contended(lock))
    asyncio.run(contended(lock))


def future_of_another_loop():
    other = asyncio.new_event_loop()
    future = other.create_future()

    async def wait():
        await future

    asyncio.run(wait())


def closed():
    loop = asyncio.new_event_loop()
    loop.close()
    loop.call_soon(print)


FACES = {"true": lock_in_two_loops, "true-future": future_of_another_loop, "lookalike": closed}


FACES[sys.argv[1]]()
