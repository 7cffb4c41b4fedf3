"""What a repro in a container can reach: its own scratch, and nothing of the machine that runs it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from bisectrix.model.attempt import Exited
from bisectrix.model.words import Network
from support.harnessed import Harnessed

pytestmark = pytest.mark.container

TRY = '''
import json, os, socket, subprocess, sys, ctypes, errno

def attempt(function, *arguments):
    """Say `done`, or the name of the error."""
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except Exception as error:
        return type(error).__name__
    return "done"

def kernel(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

def write(path):
    with open(path, "w") as file:
        file.write("x")

def read(path):
    with open(path, "rb") as file:
        file.read(1)
'''


def answers(cell: Harnessed, program: str, *, network: Network = Network.LOOPBACK, **told: str) -> Any:  # noqa: ANN401
    """Run a program that prints one line of JSON, and return what it says."""
    execution = cell.run(TRY + program, network=network, env=tuple(told.items()))
    assert execution.ending == Exited(code=0), execution.stderr.text
    return json.loads(execution.stdout.text)


@pytest.fixture
def address_of_this_machine() -> Iterator[str]:
    """Listen on all addresses of this machine, as another service would; yield host and port."""
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - that is the point
        accepting = threading.Thread(target=_accept_all, args=(listener,), daemon=True)
        accepting.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect(("192.0.2.1", 9))
            host = asking.getsockname()[0]
        yield f"{host}:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _accept_all(listener: socket.socket) -> None:
    try:
        while True:
            listener.accept()[0].close()
    except OSError:
        return


REACH = """
host, port = os.environ["TARGET"].split(":")
with socket.create_server(("127.0.0.1", 0)) as listener:
    own = attempt(socket.create_connection, listener.getsockname(), 5)
print(json.dumps({
    "itself": own,
    "machine": attempt(socket.create_connection, (host, int(port)), 5),
    "world": attempt(socket.create_connection, ("192.0.2.1", 80), 5),
    "interfaces": sorted(name for _, name in socket.if_nameindex()),
    "names": attempt(socket.getaddrinfo, "example.org", 80),
}))
"""


def test_a_repro_reaches_itself_over_the_network_and_nobody_else(cell: Harnessed, address_of_this_machine: str) -> None:
    assert answers(cell, REACH, TARGET=address_of_this_machine) == {
        "itself": "done",
        "machine": "ENETUNREACH",
        "world": "ENETUNREACH",
        "interfaces": ["lo"],
        "names": "gaierror",
    }


def test_a_repro_that_asks_for_the_network_has_it(cell: Harnessed) -> None:
    said = answers(cell, "print(json.dumps(sorted(n for _, n in socket.if_nameindex())))", network=Network.BRIDGE)
    assert len(said) == 2


def test_a_repro_writes_into_its_scratch_and_nowhere_else(cell: Harnessed) -> None:
    program = """
places = ["/x", "/usr/x", "/etc/passwd", "/var/tmp/x", "/root/x", "/dev/x", "/sys/x", "/proc/sys/kernel/core_pattern"]
places += [sys.prefix + "/x", json.__file__, "/bisectrix/x", "/bisectrix-control/x"]
own = {"home": os.environ["HOME"] + "/x", "work": "x", "tmp": os.environ["TMPDIR"] + "/x"}
print(json.dumps({
    "own": {name: attempt(write, place) for name, place in own.items()},
    "written": [place for place in places if attempt(write, place) == "done"],
}))
"""
    assert answers(cell, program) == {"own": {"home": "done", "work": "done", "tmp": "done"}, "written": []}


def test_a_repro_has_no_privileges_and_gains_none(cell: Harnessed) -> None:
    program = """
with open("/proc/self/status") as status:
    facts = dict(line.rstrip("\\n").split(":\\t", 1) for line in status if ":\\t" in line)
print(json.dumps({
    "root": 0 in os.getresuid() + os.getresgid() + tuple(os.getgroups()),
    "capabilities": {facts[kind].strip("0") for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {""},
    "no new privileges": facts["NoNewPrivs"],
    "filtered": facts["Seccomp"],
    "become root": attempt(os.setuid, 0),
    "mount": attempt(kernel, "mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "new user namespace": attempt(kernel, "unshare", 0x10000000),
    "new name": attempt(socket.sethostname, "x"),
    "end process 1": attempt(os.kill, 1, 9),
    "clock": attempt(lambda: __import__("time").clock_settime(0, 0)),
    "device": attempt(lambda: os.mknod("disk", 0o060600, os.makedev(8, 0))),
    "kernel log": attempt(read, "/dev/kmsg"),
    "memory": attempt(read, "/dev/mem"),
    "setuid": sorted(os.path.join(folder, name) for top in ("/bin", "/usr", "/sbin")
              for folder, _, names in os.walk(top) for name in names
              if os.lstat(os.path.join(folder, name)).st_mode & 0o6000),
}))
"""
    said = answers(cell, program)
    assert said.pop("kernel log") in {"EPERM", "ENOENT"}
    assert said.pop("memory") in {"EACCES", "ENOENT"}
    assert said.pop("end process 1") in {"EPERM", "done"}  # a signal that is sent is not delivered to a process 1
    assert said == {
        "root": False,
        "capabilities": True,
        "no new privileges": "1",
        "filtered": "2",
        "become root": "EPERM",
        "mount": "EPERM",
        "new user namespace": "EPERM",
        "new name": "EPERM",
        "clock": "EPERM",
        "device": "EPERM",
        "setuid": [],
    }


def test_a_setuid_program_of_the_repros_own_gives_it_nothing(cell: Harnessed) -> None:
    program = """
import shutil
shutil.copy("/bin/cat", "tool")
os.chmod("tool", 0o6755)
status = subprocess.run(["./tool", "/proc/self/status"], stdout=subprocess.PIPE).stdout.decode()
print(json.dumps(next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid"))))
"""
    assert len(set(answers(cell, program))) == 1
    assert "0" not in answers(cell, program)


def test_a_repro_sees_its_own_processes_only(cell: Harnessed) -> None:
    program = """
pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
lines = {pid: open("/proc/%d/cmdline" % pid).read().split("\\0")[-3:] for pid in pids}
print(json.dumps({"count": len(pids), "me": os.getpid() in pids, "foreign": attempt(os.kill, %d, 0)}))
""".replace("%d, 0", f"{os.getpid()}, 0")
    said = answers(cell, program)
    assert said["me"]
    assert said["count"] <= 3  # process 1, the program, and an init of the engine's
    assert said["foreign"] == "ESRCH" or os.getpid() <= said["count"]


def test_a_repro_sees_nothing_of_the_callers_environment_or_the_machine(
    cell: Harnessed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BISECTRIX_TEST_TOKEN", "correct-horse-battery")
    program = """
environments = [open("/proc/%s/environ" % pid, "rb").read() if attempt(read, "/proc/%s/environ" % pid) == "done" else b""
                for pid in os.listdir("/proc") if pid.isdigit()]
print(json.dumps({
    "token": any(b"correct-horse" in text for text in environments),
    "names": sorted(os.environ),
    "host": socket.gethostname() == os.environ["HOSTS_NAME"],
    "sockets": [line.split()[-1] for line in open("/proc/net/unix").readlines()[1:] if "docker" in line],
    "socket file": os.path.exists("/var/run/docker.sock") or os.path.exists("/run/docker.sock"),
    "mounts": sorted(line.split()[1] for line in open("/proc/mounts") if line.split()[2] in ("ext4", "xfs", "btrfs")),
}))
"""
    said = answers(cell, program, HOSTS_NAME=socket.gethostname())
    assert not said["token"]
    assert "BISECTRIX_TEST_TOKEN" not in said["names"]
    assert not [name for name in said["names"] if name.startswith(("DOCKER", "PYTEST", "SSH", "AWS", "GIT"))]
    assert not said["host"]
    assert (said["sockets"], said["socket file"]) == ([], False)
    assert not [place for place in said["mounts"] if Path(place).is_relative_to("/home")]


def test_the_engine_shows_the_flags_that_were_asked_for(cell: Harnessed, engine: docker.DockerClient) -> None:
    seen: list[dict[str, Any]] = []

    def look(_pulse: object) -> None:
        ours = engine.containers.list(filters={"ancestor": cell.image.id, "status": "running"})
        seen.extend(container.attrs["HostConfig"] for container in ours)

    cell.run("print('up', flush=True); import time; time.sleep(1)", ready="up", on_pulse=look)
    flags = seen[-1]
    assert not flags["Privileged"]
    assert flags["ReadonlyRootfs"]
    assert flags["CapDrop"] == ["ALL"]
    assert not flags["CapAdd"]
    assert flags["NetworkMode"] == "none"
    assert flags["Memory"] == flags["MemorySwap"] > 0
    assert flags["PidsLimit"] > 0
    assert not flags["AutoRemove"]
    assert not [mount for mount in flags["Mounts"] if not mount.get("ReadOnly")]
    assert "docker.sock" not in json.dumps(flags)
