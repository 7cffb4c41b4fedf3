"""A capsule together with an image, as one archive for an engine that has nothing."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from typing import IO

from bisectrix.export.parcel import Parcel

IMAGE, CAPSULE, RUN = "image.tar", "capsule.pyz", "run.sh"
EXECUTABLE, READABLE = 0o755, 0o644

SCRIPT = """\
#!/bin/sh
# Replays {cell} in a container without network. ENGINE=podman for another engine than docker.
# Exit codes: 0 as recorded, 1 something differs, 5 it cannot run in this image.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
engine=${{ENGINE:-docker}}
image=$("$engine" load --input "$here/image.tar" | sed -n 's/^Loaded image[^:]*: *//p' | tail -n 1)
exec "$engine" run --rm --init --network none --read-only --cap-drop ALL --security-opt no-new-privileges \\
  --user 65534:65534 --tmpfs /tmp:rw,exec,nosuid,size=512m --env HOME=/tmp \\
  --volume "$here/capsule.pyz:/capsule.pyz:ro" --entrypoint {python} "$image" /capsule.pyz "$@"
"""


def run_script(parcel: Parcel, python: str = "python3") -> bytes:
    """Return what loads the image and runs the capsule in it."""
    return SCRIPT.format(cell=parcel.cell, python=python).encode()


def write_bundle(stream: IO[bytes], files: Mapping[str, bytes], image: IO[bytes], image_bytes: int) -> None:
    """Write a tar archive of small files and an image, without times and owners.

    Args:
        stream: to which it is written, need not seek.
        files: name to content; `run.sh` and the capsule can be executed.
        image: an archive as an engine saves it.
        image_bytes: its size.
    """
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            archive.addfile(_member(name, len(content)), io.BytesIO(content))
        archive.addfile(_member(IMAGE, image_bytes), image)


def _member(name: str, size_bytes: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size_bytes
    member.mode = EXECUTABLE if name in {CAPSULE, RUN} else READABLE
    return member
