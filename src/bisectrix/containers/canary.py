"""What an engine can do for us: asked with a container that does nothing, under limits of its own."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bisectrix.containers.engine import About, Engine, NoImageError
from bisectrix.containers.flags import TASKS_PER_PROCESS, Mount, Wanted
from bisectrix.containers.leftovers import socket_folder
from bisectrix.containers.owner import OWNER, owner
from bisectrix.containers.session import users
from bisectrix.containers.waiting import gate_command, let_go, open_gate
from bisectrix.errors import InfraError
from bisectrix.model.environment import Unavailable
from bisectrix.model.repro import Limits
from bisectrix.supervise.containment.bounds import Bounds
from bisectrix.supervise.containment.gated import peer_pid

LIMITS = Limits(memory_mib=64, processes=8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was found out about an engine.

    Attributes:
        limits_hold: None where there was no image to find out with.
        trouble: what kept us from finding out; empty if nothing did.
    """

    about: About
    address: str
    limits_hold: bool | None
    trouble: str = ""


def examine(environ: Mapping[str, str], cache: Path) -> Findings | Unavailable:
    """Look for an engine, and try whether limits hold in an image that was used here before.

    Raises:
        InfraError: it was there and does not answer any more.
    """
    engine = Engine.find(environ)
    if isinstance(engine, Unavailable):
        return engine
    try:
        about = engine.about()
    except InfraError:
        engine.close()
        raise
    try:
        for image, python in _known_images(cache):
            with suppress(NoImageError):
                return Findings(about=about, address=engine.address, limits_hold=limits_hold(engine, image, python))
        return Findings(about=about, address=engine.address, limits_hold=None)
    except InfraError as error:
        return Findings(about=about, address=engine.address, limits_hold=None, trouble=error.message)
    finally:
        engine.close()


def limits_hold(engine: Engine, image: str, python: str) -> bool:
    """Make a container with limits, and read from outside whether the kernel knows of them.

    Raises:
        NoImageError: the engine does not have the image.
        InfraError: the engine refuses.
    """
    engine.image(image)
    _, user, userns = users(engine.about(), os.geteuid(), os.getegid())

    def wanted(mounts: Sequence[Mount]) -> Wanted:
        command, labels = gate_command(python), {OWNER: owner()}
        return Wanted(
            image=image,
            command=command,
            user=user,
            env={},
            mounts=mounts,
            labels=labels,
            limits=LIMITS,
            userns=userns,
        )

    with socket_folder() as folder:
        waiting = open_gate(engine, folder, wanted)
        try:
            with socket.socket(fileno=os.dup(waiting.gate)) as connection:
                bounds = Bounds.of(peer_pid(connection))
            return bounds.hold(LIMITS.memory_mib, LIMITS.processes * TASKS_PER_PROCESS)
        finally:
            let_go(waiting)
            engine.remove(waiting.container)


def _known_images(cache: Path) -> Iterator[tuple[str, str]]:
    """Yield id and Python of the images whose Pythons were asked, the latest first."""
    files = sorted((cache / "pythons").glob("*.json"), key=lambda file: -file.stat().st_mtime)
    for file in files:
        with suppress(OSError, ValueError, KeyError):
            for python in json.loads(file.read_text(encoding="utf-8"))["pythons"]:
                yield f"sha256:{file.stem}", str(python)
                break
