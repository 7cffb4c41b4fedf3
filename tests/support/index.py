"""A package index on loopback: the simple API in JSON (PEP 691) and HTML (PEP 503), served from memory."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.planted import File
from support.served import served

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"
BYTES = "application/octet-stream"
NOT_FOUND = (HTTPStatus.NOT_FOUND, HTML, b"not here")


class _Index(ThreadingHTTPServer):
    """Answers from the files it was given; daemon threads, as kept-alive connections would outlive it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, files: Iterable[File]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {file.name: file for file in files}

    def answer(self, path: str, accept: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, content type and body."""
        match path.strip("/").split("/"):
            case ["simple"]:
                return _page({"projects": [{"name": name} for name in self._projects()]}, accept)
            case ["simple", project] if project in self._projects():
                files = [file for file in self.files.values() if file.release.name == project]
                return _page({"name": project, "files": [_entry(file) for file in files]}, accept)
            case ["files", name] if name in self.files:
                return HTTPStatus.OK, BYTES, self.files[name].content
            case ["files", name] if name.removesuffix(".metadata") in self.files:
                return HTTPStatus.OK, BYTES, self.files[name.removesuffix(".metadata")].metadata
            case _:
                return NOT_FOUND

    def _projects(self) -> list[str]:
        return sorted({file.release.name for file in self.files.values()})


def _page(content: Mapping[str, Any], accept: str) -> tuple[HTTPStatus, str, bytes]:
    if JSON in accept:
        return HTTPStatus.OK, JSON, json.dumps({"meta": {"api-version": "1.1"}, **content}).encode()
    links = [_link(entry) for entry in content.get("files", content.get("projects", ()))]
    return HTTPStatus.OK, HTML, f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()


def _entry(file: File) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.name,
        "url": f"../../files/{file.name}",
        "hashes": {"sha256": file.sha256},
        "size": len(file.content),
        "upload-time": file.release.uploaded.isoformat().replace("+00:00", "Z"),
        "yanked": file.release.yanked or False,
        "core-metadata": bool(file.metadata),
    }
    return {**entry, "requires-python": file.release.requires_python} if file.release.requires_python else entry


def _link(entry: Mapping[str, Any]) -> str:
    if "filename" not in entry:
        return f'<a href="{entry["name"]}/">{entry["name"]}</a>'
    attributes = {
        "href": f"{entry['url']}#sha256={entry['hashes']['sha256']}",
        "data-requires-python": entry.get("requires-python", ""),
        "data-yanked": entry["yanked"] or "",
        "data-core-metadata": "true" if entry["core-metadata"] else "",
    }
    given = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items() if value)
    return f"<a {given}>{entry['filename']}</a>"


class _Handler(BaseHTTPRequestHandler):
    server: _Index

    def do_GET(self) -> None:
        status, content_type, body = self.server.answer(self.path, self.headers.get("Accept", ""))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def serving_files(files: Iterable[File]) -> Iterator[str]:
    """Serve the files until the block ends; yield the URL for UV_DEFAULT_INDEX."""
    with served(_Index(files)) as address:
        yield f"{address}/simple/"
