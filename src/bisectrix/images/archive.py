"""An image as one file that Docker and podman load, with the same id in both."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bisectrix.images.layer import EPOCH, add_content, file_digest, member, write_layer

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
CREATED = datetime.fromtimestamp(EPOCH, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image in a file.

    Attributes:
        name: name and tag, `bisectrix/debian-bookworm:latest`.
        id: `sha256:` and the digest of its configuration; what an engine calls it when it has loaded the file.
        archive: the file, in the format of `docker save`.
        labels: what it holds.
    """

    name: str
    id: str
    archive: Path
    labels: Mapping[str, str]


def write_image(root: Path, archive: Path, *, name: str, labels: Mapping[str, str]) -> Image:
    """Pack a folder as an image of one layer."""
    layer = archive.with_suffix(".layer")
    try:
        configuration = _configuration(write_layer(root, layer), labels)
        _write(archive, layer, configuration, name)
    finally:
        layer.unlink(missing_ok=True)
    return Image(name=name, id=f"sha256:{_digest(configuration)}", archive=archive, labels=labels)


def _configuration(layer_digest: str, labels: Mapping[str, str]) -> bytes:
    machine = platform.machine()
    return _json(
        {
            "architecture": ARCHITECTURES.get(machine, machine),
            "os": "linux",
            "created": CREATED,
            "config": {"Cmd": ["python3"], "Env": [f"PATH={PATH}"], "Labels": dict(labels), "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
            "history": [{"created": CREATED, "created_by": "bisectrix"}],
        }
    )


def _write(archive: Path, layer: Path, configuration: bytes, name: str) -> None:
    layer_name, configuration_name = f"{file_digest(layer)}.tar", f"{_digest(configuration)}.json"
    manifest = _json([{"Config": configuration_name, "RepoTags": [name], "Layers": [layer_name]}])
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as packed:
        add_content(packed, member(configuration_name, 0o644), io.BytesIO(configuration))
        with layer.open("rb") as content:
            add_content(packed, member(layer_name, 0o644), content)
        add_content(packed, member("manifest.json", 0o644), io.BytesIO(manifest))


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
