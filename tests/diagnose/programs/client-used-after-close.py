# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1"]
# ///
"""A request over a closed client; its look-alike opens it a second time."""

import asyncio
import sys

import httpx


async def closed():
    client = httpx.AsyncClient()
    await client.aclose()
    await client.get("http://127.0.0.1:9/")


async def twice():
    client = httpx.AsyncClient()
    async with client, client:
        pass


FACES = {"true": lambda: asyncio.run(closed()), "lookalike": lambda: asyncio.run(twice())}


FACES[sys.argv[1]]()
