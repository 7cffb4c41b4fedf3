"""Git repositories behind an address, as a host of them serves any."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.served import served

DEADLINE_S = 60


@contextmanager
def serving_repositories(folder: Path) -> Iterator[str]:
    """Serve all repositories in a folder on loopback, and yield the address that ends where their names begin."""

    class Backend(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            asked = {
                "GIT_PROJECT_ROOT": os.fspath(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"],
                input=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
                env={"PATH": os.environ["PATH"], **asked},
                stdout=subprocess.PIPE,
                timeout=DEADLINE_S,
                check=True,
            )
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            headers = BytesHeaderParser().parsebytes(head)
            self.send_response(int(headers.get("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep it to ourselves."""

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Backend)) as address:
        yield address
