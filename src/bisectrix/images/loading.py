"""Images brought into a container engine, Docker or podman alike."""

from __future__ import annotations

from collections.abc import Mapping

import docker
import docker.errors
import requests

from bisectrix.containers.engine import Engine
from bisectrix.errors import InfraError
from bisectrix.images.archive import Image
from bisectrix.model.environment import Unavailable

ENGINE_TIMEOUT_S = 300


def connect(environ: Mapping[str, str]) -> docker.DockerClient:
    """Return a client of the engine that cells would run in.

    Raises:
        InfraError: none answers.
    """
    found = Engine.find(environ)
    if isinstance(found, Unavailable):
        raise InfraError(found.explanation, hint=found.remedy)
    found.close()
    return docker.DockerClient(base_url=found.address, timeout=ENGINE_TIMEOUT_S)


def load(client: docker.DockerClient, image: Image) -> bool:
    """See to it that the engine has the image under its name; say whether it had to be sent.

    Raises:
        InfraError: the engine does not take it.
    """
    if has(client, image):
        return False
    try:
        with image.archive.open("rb") as archive:
            client.images.load(archive)
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise InfraError(f"the container engine does not take the image: {error}", place=image.name) from None
    if not has(client, image):
        raise InfraError("the container engine took the image and does not have it", place=image.name)
    return True


def has(client: docker.DockerClient, image: Image) -> bool:
    """Say whether the name means this very image in the engine."""
    try:
        return client.images.get(image.name).id == image.id
    except docker.errors.NotFound:
        return False
