"""Awaits an event that nobody will set."""

import asyncio


async def main():
    """Wait for ever."""
    await asyncio.Event().wait()


asyncio.run(main())
