"""A folder that a container engine builds and runs without network."""

from __future__ import annotations

from collections.abc import Mapping

from bisectrix.export.parcel import Parcel

CONTAINERFILE = """\
# Replays {cell}. Needs the image below and nothing from the network:
#   docker build --network none -f Containerfile -t replay . && docker run --rm --network none replay
ARG IMAGE={image}
FROM ${{IMAGE}}
COPY capsule /capsule
RUN ["{python}", "/capsule", "--install", "/environment"]
ENTRYPOINT ["{python}", "/capsule", "--environment", "/environment"]
"""

README = """\
Replays {cell} in a container, as recorded on {platform} with Python {python}.

    docker build --network none -f Containerfile -t replay . && docker run --rm --network none replay

It says whether it saw the same: exit code 0 if so, 1 if something differs, 5 if it cannot run in that image. Another
image with Python {minor} will do, too: add `--build-arg IMAGE=...` to the first command.{digest}
"""

DIGEST = """ The digest of the one that
was recorded, should its name stand for another one now:

    {id}"""


def container_folder(parcel: Parcel, whole: Mapping[str, bytes], image: str = "") -> dict[str, bytes]:
    """Return path to content of the folder.

    Args:
        parcel: what it replays.
        whole: the members of its capsule.
        image: what to build from; empty means the one recorded, else the official one of that Python.
    """
    chosen = image or parcel.state.image_reference or f"docker.io/library/python:{parcel.state.python}-slim"
    digest = DIGEST.format(id=parcel.state.image_id) if parcel.state.image_id else ""
    facts = {"cell": parcel.cell, "platform": parcel.state.system, "minor": parcel.minor}
    return {
        "Containerfile": CONTAINERFILE.format(**facts, image=chosen, python=f"python{parcel.minor}").encode(),
        "README.md": README.format(**facts, python=parcel.state.python, digest=digest).encode(),
        **{f"capsule/{name}": content for name, content in whole.items()},
    }
