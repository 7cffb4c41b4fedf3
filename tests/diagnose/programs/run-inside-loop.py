# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""asyncio.run inside a coroutine; the look-alike asks for a loop where there is none."""

import asyncio
import sys


async def nested():
    asyncio.run(asyncio.sleep(0))


async def run_again():
    asyncio.get_running_loop().run_until_complete(asyncio.sleep(0))


FACES = {
    "true": lambda: asyncio.run(nested()),
    "true-run-until-complete": lambda: asyncio.run(run_again()),
    "lookalike": asyncio.get_running_loop,
}


FACES[sys.argv[1]]()
