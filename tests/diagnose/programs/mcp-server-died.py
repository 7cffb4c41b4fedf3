# /// script
# requires-python = "==3.12.*"
# dependencies = ["mcp==1.12.0", "pydantic<2.12"]
# ///
"""A server exits with a request pending; the look-alike answers it with an error."""

import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

SERVER = """
import os
from mcp.server.fastmcp import FastMCP

server = FastMCP("orders")


@server.tool()
def die() -> str:
    os._exit(1)


server.run()
"""


async def call(tool):
    parameters = StdioServerParameters(command=sys.executable, args=["-c", SERVER])
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        answer = await session.call_tool(tool, {})
        print("answered", answer, flush=True)


FACES = {"true": lambda: asyncio.run(call("die")), "lookalike": lambda: asyncio.run(call("fly"))}


FACES[sys.argv[1]]()
