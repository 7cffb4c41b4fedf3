"""An MCP server by hand, one JSON message a line, so that every release of the client meets the same one."""

import json
import os
import signal
import sys

CASE = sys.argv[1]


def answer(request, result):
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)


def initialize(request):
    version = request["params"].get("protocolVersion", "2024-11-05")
    answer(
        request,
        {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "by-hand", "version": "1"}},
    )


def call_tool(request):
    match CASE:
        case "server-dies":
            os._exit(1)
        case "never-answers":
            return
        case _:
            answer(request, {"content": [{"type": "text", "text": "done"}]})


def serve():
    if CASE == "ignores-sigterm":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        message = json.loads(line)
        match message.get("method"):
            case "initialize":
                initialize(message)
                if CASE == "closes-input":
                    os.close(0)
                    signal.pause()
            case "tools/list":
                tool = {"name": "work", "inputSchema": {"type": "object", "properties": {}}}
                answer(message, {"tools": [tool]})
            case "tools/call":
                call_tool(message)
            case "ping":
                answer(message, {})
            case method if "id" in message:
                error = {"code": -32601, "message": f"no method {method}"}
                print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)
    while CASE in {"ignores-end-of-input", "ignores-sigterm"}:
        signal.pause()


serve()
