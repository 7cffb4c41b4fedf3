# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A port that is taken; the look-alike's address is not this machine's."""

import asyncio
import socket
import sys


async def serve(host, port):
    await asyncio.start_server(print, host, port)


def taken():
    first = socket.create_server(("127.0.0.1", 0))
    asyncio.run(serve("127.0.0.1", first.getsockname()[1]))


FACES = {"true": taken, "lookalike": lambda: asyncio.run(serve("192.0.2.1", 8000))}


FACES[sys.argv[1]]()
