"""Awaits an event that nobody will set, on another loop."""

import asyncio

import uvloop


async def main():
    """Wait for ever."""
    await asyncio.Event().wait()


uvloop.install()
asyncio.run(main())
