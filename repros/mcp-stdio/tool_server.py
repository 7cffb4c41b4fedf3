"""A server of the package itself whose tool starts a child that inherits the protocol's standard input."""

import subprocess
import sys

try:
    from mcp.server.mcpserver import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

server = Server("tools")


@server.tool()
def work() -> str:
    return subprocess.run([sys.executable, "-c", "import sys; sys.stdin.read()"], check=False, timeout=None).args[0]


server.run("stdio")
