"""What real processes hold: locks on files and sockets, each with who is at the other end."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from bisectrix.supervise.file_locks import look_at_locks
from bisectrix.supervise.sockets import Holder, look_at_sockets
from support.probed import running

LOCKS = {
    "flock": "fcntl.flock(file, fcntl.LOCK_EX)",
    "fcntl": "fcntl.lockf(file, fcntl.LOCK_EX)",
    "ofd": "fcntl.fcntl(file, 38, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))",
}
PROGRAM = """
import fcntl, os, struct, sys, time
ready, tell = os.pipe()
file = open("store", "w")
if os.fork():
    {lock}
    os.write(tell, b"x")
    time.sleep(3600)
os.read(ready, 1)
file = open("store", "w")
if not os.fork():
    waits = "-> %s " % sys.argv[1]
    while waits not in " ".join(open("/proc/locks").read().split()):
        pass
    print("ready", flush=True)
    os._exit(0)
{lock}
"""


@pytest.mark.parametrize(("kind", "lock"), LOCKS.items())
def test_a_lock_has_its_path_its_holder_and_its_waiter(tmp_path: Path, kind: str, lock: str) -> None:
    code = PROGRAM.format(lock=lock)
    name = {"flock": "FLOCK", "fcntl": "POSIX", "ofd": "OFDLCK"}[kind]
    with running(tmp_path, sys.executable, "-c", code, name) as process:
        (child,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        mine = [lock for lock in look_at_locks((process.pid, child)) if lock.path == str(tmp_path / "store")]
        outside = [lock for lock in look_at_locks((child,)) if lock.path == str(tmp_path / "store")]
        os.kill(child, 9)
    (found,) = mine
    assert (found.kind, found.mode) == (kind, "write")
    assert found.holders == (process.pid,)
    assert found.waiters == (child,)
    assert [(lock.holders, lock.waiters) for lock in outside] == [((process.pid,), (child,))]


def test_a_process_without_locks_has_none(tmp_path: Path) -> None:
    with running(tmp_path, "sh", "-c", "echo ready; exec cat") as process:
        assert look_at_locks((process.pid,)) == ()


def test_the_other_end_of_a_connection_is_named_inside_and_outside_of_the_tree() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            accepted.sendall(b"hello")
            found = {one.holder: one for one in look_at_sockets((os.getpid(),))}
            here = {end: Holder(pid=os.getpid(), descriptor=end.fileno()) for end in (server, client, accepted)}
            assert found[here[server]].state == "listening"
            assert found[here[client]].other_end == (here[accepted],)
            assert found[here[client]].unread == 5
            assert found[here[accepted]].local == found[here[client]].remote


def test_the_other_end_of_a_socketpair_is_named(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    code = f"import os, time; os.dup2({theirs.fileno()}, 7); print('ready', flush=True); time.sleep(3600)"
    with ours, theirs:
        os.set_inheritable(theirs.fileno(), True)
        with running(tmp_path, sys.executable, "-c", code, pass_fds=(theirs.fileno(),)) as process:
            found = {one.holder.descriptor: one for one in look_at_sockets((process.pid,))}
            assert found[7].kind == "unix stream"
            assert Holder(pid=os.getpid(), descriptor=ours.fileno()) in found[7].other_end
