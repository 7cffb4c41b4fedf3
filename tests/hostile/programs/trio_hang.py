"""Awaits an event that nobody will set, in a nursery."""

import trio


async def main():
    """Have one task wait for another."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.Event().wait)


trio.run(main)
