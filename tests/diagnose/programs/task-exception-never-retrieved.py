# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A task fails and nobody asks; the look-alike's failure is asked for."""

import asyncio
import sys


async def fail():
    raise ValueError("no such order: 17")


async def unasked():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0.05)
    del task
    print("done", flush=True)


async def asked():
    await asyncio.create_task(fail())


FACES = {"true": lambda: asyncio.run(unasked()), "lookalike": lambda: asyncio.run(asked())}


FACES[sys.argv[1]]()
