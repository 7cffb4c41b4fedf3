# /// script
# requires-python = "==3.12.*"
# dependencies = ["mcp==1.8.1", "pydantic<2.12"]
# ///
"""An old client waits for ever for a server that exited."""

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
        async with asyncio.timeout(3):
            await session.call_tool(tool, {})


FACES = {"true": lambda: asyncio.run(call("die"))}


FACES[sys.argv[1]]()
