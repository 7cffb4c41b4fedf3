"""As much of the API as a runner and a worker ask for; prints its port, serves until its standard input ends."""

import asyncio
import os
import sys
import threading
import uuid
from datetime import datetime, timezone

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

COUNT = int(sys.argv[1])
NOW = datetime.now(timezone.utc).isoformat()
POOL, QUEUE, DEPLOYMENT, FLOW = (str(uuid.uuid4()) for _ in range(4))
RUNS = {str(uuid.uuid4()): "SCHEDULED" for _ in range(COUNT)}
TEMPLATE = {
    "job_configuration": {name: "{{ %s }}" % name for name in ("command", "env", "name", "labels", "stream_output")},
    "variables": {"properties": {"command": {"type": "string"}, "env": {"type": "object"}}, "required": []},
}


def thing(id, name, **rest):
    return {"id": id, "created": NOW, "updated": NOW, "name": name, **rest}


def state(type, **rest):
    return {"id": str(uuid.uuid4()), "type": type, "name": type.capitalize(), "timestamp": NOW, "state_details": {}, **rest}


def flow_run(id):
    type = RUNS[id]
    return thing(
        id, "run-" + id[:4], flow_id=FLOW, deployment_id=DEPLOYMENT, work_pool_id=POOL, work_queue_id=QUEUE,
        job_variables={"command": "sleep 0.2"}, state=state(type), state_type=type, state_name=type.capitalize(),
        run_count=0, parameters={}, tags=[],
    )


async def version(request):
    return JSONResponse(os.environ["PREFECT_VERSION"])


async def healthy(request):
    return JSONResponse(True)


async def work_pool(request):
    return JSONResponse(thing(POOL, "pool", type="process", base_job_template=TEMPLATE, default_queue_id=QUEUE))


async def heartbeat(request):
    return Response(status_code=204)


async def scheduled_flow_runs(request):
    waiting = [id for id, type in RUNS.items() if type == "SCHEDULED"]
    return JSONResponse([{"work_pool_id": POOL, "work_queue_id": QUEUE, "flow_run": flow_run(id)} for id in waiting])


async def deployment(request):
    return JSONResponse(thing(DEPLOYMENT, "deployment", flow_id=FLOW, work_pool_name="pool"))


async def flow(request):
    return JSONResponse(thing(FLOW, "flow"))


async def read_flow_run(request):
    return JSONResponse(flow_run(request.path_params["id"]))


async def set_state(request):
    proposed = (await request.json())["state"]
    RUNS[request.path_params["id"]] = proposed["type"]
    return JSONResponse({"state": state(proposed["type"]), "status": "ACCEPT", "details": {"type": "accept_details"}})


async def unknown(request):
    return Response(status_code=404)


async def nothing_found(request):
    if "STUB_LOG" in os.environ:
        print(request.method, request.url.path, file=sys.stderr, flush=True)
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
    Route("/api/health", healthy),
    Route("/api/csrf-token", unknown),
    Route("/api/work_pools/{name}", work_pool),
    Route("/api/work_pools/{name}/workers/heartbeat", heartbeat, methods=["POST"]),
    Route("/api/work_pools/{name}/get_scheduled_flow_runs", scheduled_flow_runs, methods=["POST"]),
    Route("/api/deployments/{id}", deployment),
    Route("/api/flows/{id}", flow),
    Route("/api/flow_runs/{id}", read_flow_run),
    Route("/api/flow_runs/{id}/set_state", set_state, methods=["POST"]),
    WebSocketRoute("/api/events/in", events),
    WebSocketRoute("/api/events/out", events),
    Route("/api/{rest:path}", nothing_found, methods=["GET", "POST", "PATCH"]),
]


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def end_with_input(server):
    sys.stdin.read()
    server.should_exit = True
    server.force_exit = True


server = Server(uvicorn.Config(Starlette(routes=ROUTES), port=0, log_level="critical"))
threading.Thread(target=end_with_input, args=[server], daemon=True).start()
asyncio.run(server.serve())
