"""An MCP server with one tool, over its standard input and output."""

from mcp.server.fastmcp import FastMCP

server = FastMCP("weather")


@server.tool()
def weather(country: str) -> str:
    return f"sunny in {country}"


server.run()
