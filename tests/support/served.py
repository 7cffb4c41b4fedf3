"""A server on loopback for as long as a test needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

POLLS_EVERY_S = 0.01


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[str]:
    """Let a server answer until the block ends; yield its address."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(POLLS_EVERY_S,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
