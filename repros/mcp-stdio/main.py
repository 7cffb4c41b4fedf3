"""One client, one server that misbehaves as the first argument says."""

import asyncio
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

CASE = sys.argv[1]
HERE = Path(__file__).parent


def server():
    script = HERE / ("tool_server.py" if CASE == "child-inherits-input" else "server.py")
    return StdioServerParameters(command=sys.executable, args=[str(script), CASE])


async def use(session):
    await session.initialize()
    print("ready", flush=True)
    if CASE in {"server-dies", "never-answers", "child-inherits-input", "closes-input"}:
        try:
            await session.call_tool("work", {})
        except Exception as error:
            print("the call failed:", type(error).__name__, error, flush=True)


async def main():
    async with stdio_client(server()) as (read, write):
        print("connected", flush=True)
        if CASE == "no-session":
            print("ready", flush=True)
        else:
            async with ClientSession(read, write) as session:
                await use(session)
        print("leaving", flush=True)
    print("left", flush=True)


asyncio.run(main())
