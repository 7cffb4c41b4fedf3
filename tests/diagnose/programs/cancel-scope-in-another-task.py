# /// script
# requires-python = "==3.12.*"
# dependencies = ["anyio==4.9.0"]
# ///
"""A cancel scope entered twice, and one left by another task than entered it: each is the other's look-alike."""

import asyncio
import sys

import anyio


async def twice():
    scope = anyio.CancelScope()
    with scope:
        with scope:
            pass


async def numbers():
    async with anyio.create_task_group():
        yield 1


async def elsewhere():
    """Close a generator that is inside a task group from a task of its own."""
    generator = numbers()
    await anext(generator)
    await asyncio.create_task(generator.aclose())


FACES = {"lookalike": lambda: asyncio.run(twice()), "true": lambda: asyncio.run(elsewhere())}


FACES[sys.argv[1]]()
