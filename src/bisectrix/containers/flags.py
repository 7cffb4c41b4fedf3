"""How a container is made: nothing that a repro is not known to need, bounds for everything else; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bisectrix.model.repro import Limits
from bisectrix.model.words import Network
from bisectrix.supervise.instrument import SCRATCH_INSIDE, dump_folder

INSIDE = str(SCRATCH_INSIDE)
DUMPS = str(dump_folder(SCRATCH_INSIDE))
"""What the probe writes for us: a file system of its own, so that it can be found whatever the program does to the rest."""

TASKS_PER_PROCESS = 8
"""The kernel's bound counts threads as well, which limits do not: processes are counted from outside, this stops bombs."""

SCRATCH_MIB = 1024
DUMPS_MIB = 64
TEMPORARY_MIB = 256
SHARED_MEMORY_MIB = 64
OPEN_FILES = 4096
USERS_PROCESSES = 4096
"""Of the user on the whole machine, as the kernel counts them; an engine may set more than it is allowed to."""

MIB = 1 << 20

NETWORKS = {Network.NONE: "none", Network.LOOPBACK: "none", Network.BRIDGE: "bridge"}
"""A container without a network has a loopback interface of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mount:
    """A folder of this machine that a container sees."""

    source: str
    target: str
    read_only: bool = True

    def as_field(self) -> dict[str, Any]:
        """Return it as the API has it."""
        return {"Type": "bind", "Source": self.source, "Target": self.target, "ReadOnly": self.read_only}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What differs between containers.

    Attributes:
        image: id of an image.
        command: program with arguments; the entry point of the image is not used.
        user: `uid:gid`.
        env: all of it; what the image sets stays out.
        labels: by which we know our own.
        cpus: how many processors it may keep busy at once; 0 sets no bound.
        keep_output: let the engine keep what it writes, for helpers of ours that write little.
    """

    image: str
    command: Sequence[str]
    user: str
    env: Mapping[str, str]
    mounts: Sequence[Mount]
    labels: Mapping[str, str]
    limits: Limits
    network: Network = Network.NONE
    cpus: float = 0.0
    userns: str = ""
    keep_output: bool = False


def config(wanted: Wanted) -> dict[str, Any]:
    """Return the document with which an engine is asked to make a container."""
    return {
        "Image": wanted.image,
        "Entrypoint": list(wanted.command),
        "Cmd": [],
        "User": wanted.user,
        "Env": [f"{name}={value}" for name, value in sorted(wanted.env.items())],
        "WorkingDir": "/",
        "Labels": dict(wanted.labels),
        "Tty": False,
        "OpenStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
        "NetworkDisabled": False,
        "HostConfig": {**_rights(wanted), **_bounds(wanted), **_places(wanted)},
    }


def _rights(wanted: Wanted) -> dict[str, Any]:
    """No privileges and no way to get any; the engine's own seccomp profile stays in force as none is named."""
    return {
        "Privileged": False,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "ReadonlyRootfs": True,
        "NetworkMode": NETWORKS[wanted.network],
        "IpcMode": "private",
        "PidMode": "",
        "UsernsMode": wanted.userns,
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no"},
    }


def _bounds(wanted: Wanted) -> dict[str, Any]:
    memory_bytes = wanted.limits.memory_mib * MIB
    return {
        "Memory": memory_bytes,
        "MemorySwap": memory_bytes,
        "NanoCpus": int(wanted.cpus * 1e9),
        "PidsLimit": wanted.limits.processes * TASKS_PER_PROCESS,
        "ShmSize": SHARED_MEMORY_MIB * MIB,
        "Ulimits": [
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "nproc", "Soft": USERS_PROCESSES, "Hard": USERS_PROCESSES},
            {"Name": "nofile", "Soft": OPEN_FILES, "Hard": OPEN_FILES},
            {"Name": "fsize", "Soft": SCRATCH_MIB * MIB, "Hard": SCRATCH_MIB * MIB},
        ],
    }


def _places(wanted: Wanted) -> dict[str, Any]:
    tmpfs = {
        INSIDE: f"rw,exec,nosuid,nodev,mode=1777,size={SCRATCH_MIB}m",
        DUMPS: f"rw,noexec,nosuid,nodev,mode=1777,size={DUMPS_MIB}m",
        "/tmp": f"rw,noexec,nosuid,nodev,mode=1777,size={TEMPORARY_MIB}m",  # noqa: S108  (the container's)
    }
    return {
        "Mounts": [mount.as_field() for mount in wanted.mounts],
        "Tmpfs": tmpfs,
        "LogConfig": {"Type": "json-file" if wanted.keep_output else "none", "Config": {}},
    }
