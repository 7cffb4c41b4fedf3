# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1", "vcrpy==8.1.1"]
# ///
"""Two requests through VCR's stubs and a pool of one; the look-alike finds no recording."""

import asyncio
import sys
import tempfile

import httpx
import vcr


async def serve():
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def requests(url):
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(limits=limits, timeout=None) as client:
        for _ in range(3):
            await client.get(url)


async def recorded(**options):
    with tempfile.TemporaryDirectory() as folder, vcr.use_cassette(f"{folder}/orders.yaml", **options):
        url = await serve()
        async with asyncio.timeout(2):
            await requests(url)


FACES = {
    "true": lambda: asyncio.run(recorded(ignore_localhost=True)),
    "lookalike": lambda: asyncio.run(recorded(record_mode="none")),
}


FACES[sys.argv[1]]()
