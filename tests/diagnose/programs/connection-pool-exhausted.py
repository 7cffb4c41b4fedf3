# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1"]
# ///
"""Two requests over a pool of one connection; its look-alikes wait for an answer that never comes."""

import asyncio
import sys

import httpx


async def serve(silent):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        if not silent:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n.")
            await writer.drain()
        await asyncio.sleep(30)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def two_requests(timeout):
    url = await serve(silent=False)
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(limits=limits, timeout=timeout) as client, client.stream("GET", url):
        await client.get(url)


async def unanswered(timeout):
    url = await serve(silent=True)
    async with httpx.AsyncClient(timeout=timeout) as client:
        await client.get(url)


async def cut(waiting):
    async with asyncio.timeout(1):
        await waiting


FACES = {
    "true": lambda: asyncio.run(two_requests(timeout=0.5)),
    "true-hang": lambda: asyncio.run(cut(two_requests(timeout=None))),
    "lookalike": lambda: asyncio.run(unanswered(timeout=0.5)),
    "lookalike-hang": lambda: asyncio.run(cut(unanswered(timeout=None))),
}


FACES[sys.argv[1]]()
