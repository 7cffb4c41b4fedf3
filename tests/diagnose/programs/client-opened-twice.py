# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1"]
# ///
"""A client entered a second time; its look-alike is closed and then used."""

import asyncio
import sys

import httpx


async def twice():
    client = httpx.AsyncClient()
    async with client, client:
        pass


async def again():
    client = httpx.AsyncClient()
    async with client:
        pass
    async with client:
        pass


async def closed():
    client = httpx.AsyncClient()
    await client.aclose()
    await client.get("http://127.0.0.1:9/")


FACES = {
    "true": lambda: asyncio.run(twice()),
    "true-reopened": lambda: asyncio.run(again()),
    "lookalike": lambda: asyncio.run(closed()),
}


FACES[sys.argv[1]]()
