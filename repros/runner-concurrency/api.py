"""An API for a Prefect client: a stub, or a server of the very release. Its address is left in the environment."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

STARTS_WITHIN_S = 150


@contextlib.contextmanager
def serve_stub(count):
    command = [sys.executable, str(Path(__file__).with_name("stub.py")), str(count)]
    environ = {**os.environ, "PREFECT_VERSION": version("prefect")}
    stub = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{int(stub.stdout.readline())}/api"
    try:
        yield
    finally:
        stub.stdin.close()
        stub.wait()


@contextlib.contextmanager
def start_server():
    """Start the server that Prefect brings, with its database in the folder of this attempt."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    try:
        _wait_until_healthy(server)
        yield
    finally:
        server.terminate()
        server.wait()


def _wait_until_healthy(server):
    last = time.monotonic() + STARTS_WITHIN_S
    while server.poll() is None and time.monotonic() < last:
        with contextlib.suppress(OSError), urllib.request.urlopen(os.environ["PREFECT_API_URL"] + "/health"):
            return
        time.sleep(0.3)
    raise SystemExit("the server did not start")
