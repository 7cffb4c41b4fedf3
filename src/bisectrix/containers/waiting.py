"""Containers that wait at their gate: made ahead, so that an attempt starts at once, and used for one order."""

from __future__ import annotations

import os
import secrets
import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bisectrix.containers.engine import Engine
from bisectrix.containers.flags import Mount, Wanted, config
from bisectrix.errors import InfraError
from bisectrix.supervise.instrument import PROBE, PROBE_FOLDER_INSIDE

GATE = f"{PROBE_FOLDER_INSIDE}/gate.py"
CONTROL = "/bisectrix-control"
SOCKET = "gate"

READY = b"ready\n"
READY_WITHIN_S = 60.0
LOOK_S = 1.0
WAITS_S = 3600.0
"""How long a container waits for an order before it ends by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A container whose first process waits; the descriptor belongs to whoever holds this.

    Attributes:
        gate: of the connection to its first process, which ends when nobody holds the connection any more.
    """

    container: str
    gate: int


def gate_command(python: str) -> tuple[str, ...]:
    """Return what the first process of such a container is: the gate, under a Python of the image."""
    return (python, "-I", "-S", GATE, f"{CONTROL}/{SOCKET}", str(WAITS_S))


def probe_mount() -> Mount:
    """Return the mount of the folder that holds the gate and the probe."""
    return Mount(source=str(PROBE.parent), target=str(PROBE_FOLDER_INSIDE))


def open_gate(engine: Engine, folder: Path, wanted: Callable[[Sequence[Mount]], Wanted]) -> Waiting:
    """Make a container and wait until its first process is ready for an order.

    Args:
        engine: where.
        folder: of ours, for the socket; its path is short.
        wanted: how the container is made, given the mounts that the gate needs.

    Raises:
        NoImageError: the image has gone.
        InfraError: the engine refuses, or its processes are none of this machine.
    """
    name = f"bisectrix-{secrets.token_hex(6)}"
    control = folder / name.rpartition("-")[2]
    control.mkdir(mode=0o755)
    control.chmod(0o755)
    container = ""
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(control / SOCKET))
            (control / SOCKET).chmod(0o666)
            listener.listen(1)
            mounts = (Mount(source=str(control), target=CONTROL), probe_mount())
            container = engine.create(name, config(wanted(mounts)))
            engine.start(container)
            return Waiting(container=container, gate=_accepted(engine, container, listener))
    except BaseException:
        if container:
            with suppress(InfraError):
                engine.remove(container)
        raise
    finally:
        with suppress(OSError):
            (control / SOCKET).unlink()
            control.rmdir()


def _accepted(engine: Engine, container: str, listener: socket.socket) -> int:
    give_up = time.monotonic() + READY_WITHIN_S
    while not select.select([listener], [], [], LOOK_S)[0]:
        _insist_it_runs(engine, container)
        if time.monotonic() > give_up:
            raise InfraError(f"a container was not ready within {READY_WITHIN_S:g} s", place=container)
    connection, _ = listener.accept()
    connection.settimeout(max(LOOK_S, give_up - time.monotonic()))
    try:
        said = connection.recv(len(READY), socket.MSG_WAITALL)
    except OSError:
        said = b""
    if said != READY:
        connection.close()
        raise InfraError("a container ended before it was ready", place=container)
    connection.settimeout(None)
    return connection.detach()


def _insist_it_runs(engine: Engine, container: str) -> None:
    with engine.asked("look at a container"):
        state = engine.api.inspect_container(container)["State"]
    if not state["Running"]:
        why = state.get("Error") or f"exit code {state.get('ExitCode')}"
        raise InfraError(f"a container ended before it was ready: {why}", place=container)


def let_go(waiting: Waiting) -> None:
    """Close our end of the connection, upon which the container ends unless somebody else holds it."""
    with suppress(OSError):
        os.close(waiting.gate)
