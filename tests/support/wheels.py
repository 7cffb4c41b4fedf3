"""Tiny wheels and source releases written by hand, and a package index that serves a folder of them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.served import served

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requires_python: str = "",
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write a pure wheel with one module of its name, or with `files`, and return its path."""
    info = f"{name}-{version}.dist-info"
    contents = {
        **(files if files is not None else {f"{name}.py": f"VERSION = {version!r}\n"}),
        f"{info}/METADATA": _metadata(name, version, requires, requires_python),
        f"{info}/WHEEL": WHEEL,
    }
    record = "".join(f"{path},sha256={_record_hash(text)},{len(text)}\n" for path, text in contents.items())
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**contents, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(path, date_time=(2024, 1, 1, 0, 0, 0)), text)
    return wheel


def write_unbuildable(folder: Path, name: str, version: str) -> Path:
    """Write a source release whose build backend, which it brings along, always fails."""
    backend = "def build_wheel(*a, **k):\n    raise SystemExit('no compiler for this planet')\n"
    contents = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": backend + "prepare_metadata_for_build_wheel = build_wheel\n",
        "PKG-INFO": _metadata(name, version, (), "").replace("2.1", "1.0"),
    }
    release = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(release, "w:gz") as archive:
        for path, text in contents.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return release


def _metadata(name: str, version: str, requires: Sequence[str], requires_python: str) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    return "\n".join(lines) + "\n"


def _record_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@dataclass(kw_only=True)
class FakeIndex:
    """What the index serves and how it answers; change it while it runs.

    Attributes:
        folder: wheels and source releases.
        uploaded: file name to upload time, RFC 3339; others were uploaded in 2020.
        yanked: file names.
        user_password: `user:password` that it demands; empty means everybody may.
        status: what it answers to everything, instead of an answer; 0 means it answers.
        requests: the paths it was asked for.
    """

    folder: Path
    uploaded: dict[str, str] = field(default_factory=dict)
    yanked: set[str] = field(default_factory=set)
    user_password: str = ""
    status: int = 0
    requests: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Return its address, with the credentials that it demands."""
        return f"http://{self.user_password}{'@' if self.user_password else ''}127.0.0.1:{self.port}/simple"

    def answer(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        """Return status, content type and body for a path."""
        self.requests.append(path)
        expected = "Basic " + base64.b64encode(self.user_password.encode()).decode()
        if self.status or (self.user_password and authorization != expected):
            return self.status or 401, "text/plain", b""
        kind, _, name = path.strip("/").partition("/")
        if kind == "files" and (self.folder / name).is_file():
            return 200, "application/octet-stream", (self.folder / name).read_bytes()
        files = [self._file(file) for file in sorted(self.folder.glob(f"{name.replace('-', '_')}-*"))]
        if kind == "simple" and files:
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": files, "versions": []}
            return 200, "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()
        return 404, "text/plain", b""

    def _file(self, file: Path) -> dict[str, object]:
        return {
            "filename": file.name,
            "url": f"/files/{file.name}",
            "hashes": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
            "size": file.stat().st_size,
            "upload-time": self.uploaded.get(file.name, "2020-01-01T00:00:00Z"),
            "yanked": file.name in self.yanked,
        }


@contextmanager
def serving(index: FakeIndex) -> Iterator[FakeIndex]:
    """Serve the index on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content_type, body = index.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="tests"')
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  (the name that the server looks for)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index.port = server.server_port
    with served(server):
        yield index


def lock_text(*files: Path) -> str:
    """Return a portable lock of exactly these wheels and source releases."""
    lines = ['lock-version = "1.0"', 'created-by = "tests"', *([] if files else ["packages = []"])]
    for file in sorted(files):
        name, version = file.name.removesuffix(".tar.gz").split("-")[:2]
        entry = f'{{path = "{file.name}", hashes = {{sha256 = "{hashlib.sha256(file.read_bytes()).hexdigest()}"}}}}'
        kind = f"wheels = [{entry}]" if file.suffix == ".whl" else f"sdist = {entry}"
        lines += ["[[packages]]", f'name = "{name}"', f'version = "{version}"', kind]
    return "\n".join(lines) + "\n"
