# /// script
# requires-python = ">=3.9"
# dependencies = ["httpx>=0.25.2", "vcrpy>=4.4"]
#
# [tool.bisectrix]
# title = "A request waits for ever under a VCR cassette"
# question = "Which vcrpy releases make httpx wait for ever for a connection?"
# links = ["https://github.com/kevin1024/vcrpy/issues/977"]
# ready = "ready"
# attempts = 1
# matrices = ["vcr-pool-quick", "vcr-pool-full", "vcr-pool-containers"]
#
# [tool.bisectrix.bug]
# kind = "hang"
# stack = ["vcr/stubs/httpcore_stubs.py", "connection_pool.py:wait_for_connection"]
#
# [tool.bisectrix.limits]
# deadline_s = 30
# quiet_s = 3
# ///
"""One request more than the client has connections, under a cassette that should leave them all alone."""

import asyncio
import tempfile

import httpx
import vcr

CONNECTIONS = 2


async def answer(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    limits = httpx.Limits(max_connections=CONNECTIONS)
    print("ready", flush=True)

    with tempfile.TemporaryDirectory() as folder, vcr.use_cassette(f"{folder}/cassette.yaml", ignore_localhost=True):
        async with httpx.AsyncClient(limits=limits, timeout=None) as client:
            for number in range(1, CONNECTIONS + 2):
                print("request", number, "of", CONNECTIONS + 1, flush=True)
                await client.get(f"http://{host}:{port}")
    print("done")


asyncio.run(main())
