"""A container engine on this machine: Docker Engine, or whatever speaks its API, such as podman."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import docker
import docker.errors
import requests

from bisectrix.errors import InfraError
from bisectrix.model.environment import Unavailable
from bisectrix.model.words import SkipReason

ANSWER_S = 60
"""Longest time in which an engine answers; it makes and removes containers within a second unless it is in trouble."""

PULL_S = 900
LOOK_FOR_S = 5

REMEDY = "start Docker, or podman's socket (systemctl --user start podman.socket), or set DOCKER_HOST"

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What an engine says of itself.

    Attributes:
        name: `Docker` or `podman`.
        api: version of the API that is spoken.
        rootless: it runs without the rights of root.
        cgroups: version of the control groups it uses, `1` or `2`.
    """

    name: str
    version: str
    api: str
    rootless: bool
    cgroups: str


class NoImageError(Exception):
    """The engine does not have this image."""


class Engine:
    """A connection to an engine, used by any number of threads."""

    def __init__(self, address: str, client: docker.APIClient) -> None:
        """Take over the client; `find` is the way to get one."""
        self.address = address
        self.api = client

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Engine | Unavailable:
        """Connect to the engine that DOCKER_HOST names, else to the first that answers at a usual place."""
        wished = environ.get("DOCKER_HOST", "")
        if wished and not wished.startswith("unix://"):
            return no_engine(f"DOCKER_HOST is {wished}: an engine has to be on this machine, behind a socket of it")
        places = (wished,) if wished else tuple(usual_places(environ))
        complaints = []
        for address in places:
            if not Path(address.removeprefix("unix://")).is_socket():
                continue
            try:
                return cls(address, _connected(address))
            except (docker.errors.DockerException, requests.RequestException, OSError) as error:
                complaints.append(f"{address} does not answer: {_plain(error)}")
        return no_engine("; ".join(complaints) or f"none answers at {' or '.join(places)}")

    def about(self) -> About:
        """Ask the engine what it is.

        Raises:
            InfraError: it does not answer.
        """
        with self.asked("say what it is"):
            version, info = self.api.version(), self.api.info()
        components = [str(part.get("Name", "")) for part in version.get("Components") or ()]
        podman = any("podman" in name.lower() for name in components)
        return About(
            name="podman" if podman else "Docker",
            version=str(version.get("Version", "")),
            api=str(self.api.api_version),
            rootless=any("rootless" in option for option in info.get("SecurityOptions") or ()),
            cgroups=str(info.get("CgroupVersion") or "1"),
        )

    def create(self, name: str, config: Json) -> str:
        """Make a container and return its id.

        Raises:
            NoImageError: the image has gone.
            InfraError: the engine refuses, or does not answer.
        """
        with self.asked("make a container"):
            try:
                made: Json = self.api.create_container_from_config(config, name)  # type: ignore[no-untyped-call]
            except docker.errors.NotFound:
                raise NoImageError(config["Image"]) from None
        return str(made["Id"])

    def start(self, container: str) -> None:
        """Start a container.

        Raises:
            InfraError: the engine refuses, or does not answer.
        """
        with self.asked("start a container"):
            self.api.start(container)

    def remove(self, container: str) -> None:
        """Remove a container of ours, running or not; one that is gone already is no error.

        Raises:
            InfraError: the engine refuses, or does not answer.
        """
        with self.asked("remove a container"), suppress(docker.errors.NotFound):
            try:
                self.api.remove_container(container, force=True, v=True)
            except docker.errors.APIError as error:
                if error.status_code != requests.codes.conflict:  # somebody else removes it already
                    raise

    def labelled(self, label: str) -> tuple[Json, ...]:
        """Return what the engine lists of all containers with a label.

        Raises:
            InfraError: the engine does not answer.
        """
        with self.asked("list containers"):
            return tuple(self.api.containers(all=True, filters={"label": label}))

    def image(self, reference: str) -> Json:
        """Return what the engine knows of an image.

        Raises:
            NoImageError: it has none of that name.
            InfraError: it does not answer.
        """
        with self.asked("look at an image"):
            try:
                found: Json = self.api.inspect_image(reference)  # type: ignore[no-untyped-call]
            except docker.errors.NotFound:
                raise NoImageError(reference) from None
        return found

    def pull(self, reference: str) -> None:
        """Fetch an image from its registry.

        Raises:
            NoImageError: there is none, or the registry cannot be reached; its text says which.
            InfraError: the engine does not answer.
        """
        name, tag = split_reference(reference)
        puller = docker.APIClient(base_url=self.address, version=self.api.api_version, timeout=PULL_S)
        try:
            for event in puller.pull(name, tag=tag, stream=True, decode=True):
                if "error" in event:
                    raise NoImageError(str(event["error"]))
        except docker.errors.APIError as error:
            raise NoImageError(_plain(error)) from None
        except (requests.RequestException, docker.errors.DockerException) as error:
            raise self._silent("fetch an image", error) from None
        finally:
            puller.close()

    def wait(self, container: str, within_s: float) -> int:
        """Wait for the end of a container and return its exit code.

        Raises:
            InfraError: it has not ended in time, or the engine does not answer.
        """
        with self.asked("wait for a container"):
            return int(self.api.wait(container, timeout=int(within_s))["StatusCode"])

    def said(self, container: str) -> tuple[str, str]:
        """Return what a container that keeps its output has said on standard output and standard error.

        Raises:
            InfraError: the engine does not answer.
        """
        with self.asked("show the output of a container"):
            out, err = self.api.logs(container, stderr=False), self.api.logs(container, stdout=False)
        return out.decode(errors="replace"), err.decode(errors="replace")

    def close(self) -> None:
        """Give the connections back."""
        self.api.close()

    @contextmanager
    def asked(self, what: str) -> Iterator[None]:
        """Turn whatever goes wrong with the engine into our own failure, in words."""
        try:
            yield
        except docker.errors.APIError as error:
            raise self._refused(what, _plain(error)) from None
        except (requests.RequestException, docker.errors.DockerException, OSError) as error:
            raise self._silent(what, error) from None

    def _refused(self, what: str, why: str) -> InfraError:
        full = "no space left" in why or "quota exceeded" in why
        hint = "free some room where the engine keeps its data" if full else "bisectrix doctor says what it can do"
        return InfraError(f"the container engine could not {what}: {why}", place=self.address, hint=hint)

    def _silent(self, what: str, error: Exception) -> InfraError:
        return InfraError(
            f"the container engine was asked to {what} and did not answer: {_plain(error)}",
            place=self.address,
            hint="is it still running? What was recorded until now is kept; run the same command again",
        )


def no_engine(explanation: str) -> Unavailable:
    """Return why cells in containers cannot be run."""
    return Unavailable(reason=SkipReason.NO_ENGINE, explanation=f"no container engine: {explanation}", remedy=REMEDY)


def usual_places(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield where engines listen: the system's Docker, the user's, podman's of the user and of the system."""
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    home = environ.get("HOME") or str(Path.home())
    yield "unix:///var/run/docker.sock"
    yield f"unix://{runtime}/docker.sock"
    yield f"unix://{home}/.docker/run/docker.sock"
    yield f"unix://{runtime}/podman/podman.sock"
    yield "unix:///run/podman/podman.sock"


def split_reference(reference: str) -> tuple[str, str]:
    """Return the name of an image and its tag or digest; a port of a registry is no tag."""
    name, at, digest = reference.partition("@")
    if at:
        return name, digest
    stem, colon, tag = reference.rpartition(":")
    return (stem, tag) if colon and "/" not in tag else (reference, "latest")


def _connected(address: str) -> docker.APIClient:
    client = docker.APIClient(base_url=address, version="auto", timeout=LOOK_FOR_S)
    client.timeout = ANSWER_S
    return client


def _plain(error: Exception) -> str:
    """Return one line of what an exception says."""
    text = error.explanation if isinstance(error, docker.errors.APIError) and error.explanation else str(error)
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return " ".join(text.split())[:300]
