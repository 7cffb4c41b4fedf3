"""As much of the API as a concurrency lease needs, with a server's clock and a server's moods.

Prints its port, then serves until its standard input ends.
"""

import asyncio
import os
import sys
import threading
import time
import uuid

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

CAUSE = sys.argv[1]
LATER_S = 1.5
LONGER_THAN_THE_LEASE_S = 3.0

expires = {}
late_renewals = 0
began = 0.0


def limits(names):
    return [{"id": str(uuid.uuid4()), "name": name, "limit": 1} for name in names]


async def version(request):
    return JSONResponse(os.environ["PREFECT_VERSION"])


async def take(request):
    asked = await request.json()
    return JSONResponse(limits(asked["names"]))


async def take_with_lease(request):
    global began
    began = time.monotonic()
    asked = await request.json()
    lease = str(uuid.uuid4())
    expires[lease] = time.monotonic() + asked["lease_duration"]
    return JSONResponse({"lease_id": lease, "limits": limits(asked["names"])})


async def renew(request):
    asked = await request.json()
    lease, now = request.path_params["lease"], time.monotonic()
    later = now - began > LATER_S
    if CAUSE.startswith("revoked") and later:
        expires.pop(lease, None)
    if CAUSE == "one-500" and late_renewals == 1:
        return JSONResponse({"detail": "Internal Server Error"}, status_code=500)
    if CAUSE == "one-503" and late_renewals == 1:
        return JSONResponse({"detail": "Service Unavailable"}, status_code=503)
    if expires.get(lease, 0) < now:
        return JSONResponse({"detail": "Lease expired"}, status_code=410)
    expires[lease] = now + asked["lease_duration"]
    return Response(status_code=204)


async def done(request):
    return Response(status_code=204)


async def released(request):
    return JSONResponse([])


async def events(socket):
    """Let whoever asks for authentication in, then read until it leaves; nothing ever happens."""
    authenticates = "prefect" in socket.scope["subprotocols"]
    await socket.accept(subprotocol="prefect" if authenticates else None)
    try:
        if authenticates:
            await socket.receive_json()
            await socket.send_json({"type": "auth_success"})
        while True:
            await socket.receive()
    except (WebSocketDisconnect, RuntimeError):
        pass


ROUTES = [
    Route("/api/admin/version", version),
    Route("/api/health", lambda request: JSONResponse(True)),
    Route("/api/v2/concurrency_limits/increment", take, methods=["POST"]),
    Route("/api/v2/concurrency_limits/decrement", released, methods=["POST"]),
    Route("/api/v2/concurrency_limits/increment-with-lease", take_with_lease, methods=["POST"]),
    Route("/api/v2/concurrency_limits/decrement-with-lease", done, methods=["POST"]),
    Route("/api/v2/concurrency_limits/leases/{lease}/renew", renew, methods=["POST"]),
    WebSocketRoute("/api/events/in", events),
]


class Moody:
    """Counts renewals but the one that some releases make at once, and hangs up on some instead of answering, as a proxy that restarts does."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"].endswith("/renew") and self.hangs_up():
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            raise ConnectionResetError
        await self.app(scope, receive, send)

    def hangs_up(self):
        global late_renewals
        since = time.monotonic() - began
        late_renewals += since > LATER_S
        if CAUSE == "server-down":
            return LATER_S < since < LATER_S + LONGER_THAN_THE_LEASE_S
        return CAUSE == "dropped-connection" and late_renewals == 1


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def end_with_input(server):
    sys.stdin.read()
    server.should_exit = True


server = Server(uvicorn.Config(Moody(Starlette(routes=ROUTES)), port=0, log_level="critical"))
threading.Thread(target=end_with_input, args=[server], daemon=True).start()
asyncio.run(server.serve())
