# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A call without await; the look-alike awaits something that is no coroutine."""

import asyncio
import sys


async def save():
    pass


async def forgotten():
    save()


async def not_awaitable():
    await len("abc")


FACES = {"true": lambda: asyncio.run(forgotten()), "lookalike": lambda: asyncio.run(not_awaitable())}


FACES[sys.argv[1]]()
