import asyncio


async def settle():
    """Let every other task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)
