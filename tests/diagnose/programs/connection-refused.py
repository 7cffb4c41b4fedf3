# /// script
# requires-python = "==3.12.*"
# dependencies = ["httpx==0.28.1"]
# ///
"""Nobody listens; the look-alike's peer listens and hangs up."""

import socket
import sys
import threading

import httpx


def nobody():
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    return port


def hangs_up():
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
    return server.getsockname()[1]


def socket_only():
    socket.create_connection(("127.0.0.1", nobody()))


FACES = {
    "true": lambda: httpx.get(f"http://127.0.0.1:{nobody()}/"),
    "true-socket": socket_only,
    "lookalike": lambda: httpx.get(f"http://127.0.0.1:{hangs_up()}/"),
}


FACES[sys.argv[1]]()
