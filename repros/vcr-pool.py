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
#
# [[tool.bisectrix.claims]]
# id = "introduced"
# kind = "regression"
# says = "It came with vcrpy 8.0.0, which patches httpcore in place of httpx"
# source = "https://github.com/kevin1024/vcrpy/issues/977"
# expect = [
#   { cell = "vcrpy=7.0.0", outcome = "good" },
#   { cell = "vcrpy=8.0.0", outcome = "bad" },
#   { axis = "vcrpy", introduced = "8.0.0" },
# ]
#
# [[tool.bisectrix.claims]]
# id = "fixed"
# kind = "fix"
# says = "vcrpy 8.2.0 closes the real response and ends it"
# source = "https://github.com/kevin1024/vcrpy/pull/972"
# expect = [
#   { cell = "vcrpy=8.1.1", outcome = "bad" },
#   { cell = "vcrpy=8.2.0", outcome = "good" },
#   { axis = "vcrpy", fixed = "8.2.0" },
# ]
#
# [[tool.bisectrix.claims]]
# id = "every-python"
# kind = "finding"
# says = "It does not depend on the Python: 3.10 to 3.13 wait alike"
# expect = [
#   { cell = "python=3.10,vcrpy=8.1.1", outcome = "bad" },
#   { cell = "python=3.13,vcrpy=8.1.1", outcome = "bad" },
# ]
#
# [[tool.bisectrix.claims]]
# id = "every-httpx"
# kind = "finding"
# says = "It does not depend on httpx: the oldest release that is allowed and the newest wait alike"
# expect = [
#   { cell = "resolution=lowest-direct,vcrpy=8.1.1", outcome = "bad" },
#   { cell = "resolution=highest,vcrpy=8.1.1", outcome = "bad" },
# ]
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
