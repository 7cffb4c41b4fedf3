"""Images taken out of a container engine."""

from __future__ import annotations

from typing import IO

import docker
import docker.errors
import requests

from bisectrix.errors import InfraError, UsageError


def save(client: docker.DockerClient, name: str, target: IO[bytes]) -> None:
    """Write an image that the engine has as an archive.

    Args:
        client: of the engine.
        name: a name, an id or a digest.
        target: where it is written.

    Raises:
        UsageError: the engine does not have it.
        InfraError: the engine does not give it, or the disk is full.
    """
    try:
        image = client.images.get(name)
        for piece in image.save(named=name if name in image.tags else True):
            target.write(piece)
    except docker.errors.ImageNotFound:
        raise UsageError("the container engine does not have this image", place=name, hint="pull or load it") from None
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise InfraError(f"the container engine does not give the image: {error}", place=name) from None
