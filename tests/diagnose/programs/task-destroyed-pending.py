# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A loop closed with a task pending; the look-alike's task is cancelled and failed."""

import asyncio
import sys


def dropped():
    loop = asyncio.new_event_loop()
    loop.create_task(asyncio.sleep(60), name="heartbeat")
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()


async def cancelled():
    task = asyncio.create_task(asyncio.sleep(60), name="heartbeat")
    await asyncio.sleep(0.01)
    task.cancel()
    await task


FACES = {"true": dropped, "lookalike": lambda: asyncio.run(cancelled())}


FACES[sys.argv[1]]()
