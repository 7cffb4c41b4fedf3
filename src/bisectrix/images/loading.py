"""Images brought into a container engine, Docker or podman alike."""

from __future__ import annotations

import docker
import docker.errors
import requests

from bisectrix.errors import InfraError
from bisectrix.images.archive import Image

ENGINE_TIMEOUT_S = 300


def connect() -> docker.DockerClient:
    """Return a client of the engine that DOCKER_HOST names, else of the default one.

    Raises:
        InfraError: none answers.
    """
    try:
        client = docker.from_env(timeout=ENGINE_TIMEOUT_S)
        client.ping()
    except (docker.errors.DockerException, requests.RequestException, OSError):
        raise InfraError(
            "no container engine answers", hint="start Docker or podman's socket, or set DOCKER_HOST"
        ) from None
    return client


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
