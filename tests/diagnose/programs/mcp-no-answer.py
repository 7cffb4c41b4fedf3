# /// script
# requires-python = "==3.12.*"
# dependencies = ["mcp==1.12.0", "pydantic<2.12"]
# ///
"""A server that never answers, and a client that gives up; the look-alike is answered with an error."""

import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

SERVER = """
import asyncio
from mcp.server.fastmcp import FastMCP

server = FastMCP("orders")


@server.tool()
async def sleep() -> str:
    await asyncio.sleep(60)


server.run()
"""


async def call(tool):
    parameters = StdioServerParameters(command=sys.executable, args=["-c", SERVER])
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        async with asyncio.timeout(2):
            answer = await session.call_tool(tool, {})
        print("answered", answer, flush=True)


FACES = {"true": lambda: asyncio.run(call("sleep")), "lookalike": lambda: asyncio.run(call("fly"))}


FACES[sys.argv[1]]()
