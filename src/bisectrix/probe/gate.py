"""The first process of a container: waits for an order, starts its command, collects what ends, says how it went.

`python -I -S gate.py SOCKET WAIT_S`. It connects to SOCKET and says `ready`. Then comes one order: the lengths of a JSON
document and of the files that it lists, both, and the two descriptors that become the command's standard output and
error. It answers in lines of JSON: `started` or `failed`, later `ended`. As process 1 it cannot be killed from within, collects
orphans, and takes the whole container with it when it ends: when the other side of the connection goes away, or when
nobody has told it to go on for too long.
"""
# runs before the program under test, on any Python:
# ruff: noqa: PTH101, PTH103, PTH123, SIM105

from __future__ import annotations

import array
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time

TYPE_CHECKING = False  # the module that has it is slow to load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

LENGTHS = struct.Struct(">IQ")
PR_SET_DUMPABLE = 4
_ORPHANS_TURN_S = 60.0


def main(path: str, wait_s: float) -> None:
    """Serve one order; returns when the container is to end."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    alarm, alarm_end = os.pipe()
    for end in (alarm, alarm_end):
        os.set_blocking(end, False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which, sent to the first process from inside, does nothing
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(alarm_end, warn_on_full_buffer=False)
    set_touchable = toucher()
    connection.sendall(b"ready\n")
    if not select.select([connection], [], [], wait_s)[0]:
        return
    order, streams = receive(connection)
    if order["untouchable"]:
        set_touchable(0)
    pid = start(connection, order, streams, set_touchable)
    if pid:
        tend(connection, alarm, pid, time.monotonic() + order["longest_s"])


def toucher() -> Callable[[int], Any]:
    """Return what decides whether programs of the same user may trace this process and write into its memory."""
    try:
        import ctypes  # noqa: PLC0415  (an image may be without it)

        libc = ctypes.CDLL(None)
        return lambda may: libc.prctl(PR_SET_DUMPABLE, may, 0, 0, 0)
    except (ImportError, OSError):
        return lambda _may: None


def receive(connection: socket.socket) -> tuple[dict[str, Any], array.array[int]]:
    """Return the order, its files unpacked, and the two streams."""
    head, ancillary, _, _ = connection.recvmsg(LENGTHS.size, socket.CMSG_SPACE(2 * array.array("i").itemsize))
    streams = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            streams.frombytes(data[: len(data) - len(data) % streams.itemsize])
    head += exactly(connection, LENGTHS.size - len(head))
    order_bytes, files_bytes = LENGTHS.unpack(head)
    order = json.loads(exactly(connection, order_bytes).decode())
    files = memoryview(exactly(connection, files_bytes))
    for folder in order["folders"]:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    for path, mode, size in order["files"]:
        with open(path, "wb") as file:
            file.write(files[:size])
        os.chmod(path, mode)
        files = files[size:]
    return order, streams


def exactly(connection: socket.socket, size: int) -> bytes:
    """Read so many bytes; the end of the connection ends this process."""
    pieces = bytearray()
    while len(pieces) < size:
        piece = connection.recv(min(size - len(pieces), 1 << 20))
        if not piece:
            os._exit(0)
        pieces += piece
    return bytes(pieces)


def start(
    connection: socket.socket, order: dict[str, Any], streams: array.array[int], set_touchable: Callable[[int], Any]
) -> int:
    """Start the command and say so; 0 when that is impossible."""
    failure, failure_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        set_touchable(1)
        become(order, streams, failure_end)
    os.close(failure_end)
    for stream in streams:
        os.close(stream)
    with os.fdopen(failure, "rb") as pipe:
        complaint = pipe.read().decode(errors="replace")
    say(connection, {"failed": complaint} if complaint else {"started": pid})
    return 0 if complaint else pid


def become(order: dict[str, Any], streams: array.array[int], failure: int) -> NoReturn:
    """Turn the forked child into the command; a failure is written to `failure`, which a success closes."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in zip((null, *streams), (0, 1, 2)):  # noqa: B905  (Python 3.8)
            os.dup2(source, target)
        for number in set(range(1, signal.NSIG)) - {signal.SIGKILL, signal.SIGSTOP}:
            try:
                signal.signal(number, signal.SIG_DFL)
            except (OSError, ValueError):
                pass
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            with open("/proc/self/oom_score_adj", "w") as score:
                score.write("1000")
        except OSError:
            pass
        os.umask(0o022)
        os.chdir(order["cwd"])
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606  (the command of the repro, no shell)
    except (OSError, ValueError) as error:
        os.write(failure, str(error).encode())
    finally:
        os._exit(127)


def tend(connection: socket.socket, alarm: int, main_pid: int, ends_at: float) -> None:
    """Collect what ends, say how the command went, and stay until the other side goes away."""
    while time.monotonic() < ends_at:
        watched: list[Any] = [connection, alarm]
        readable, _, _ = select.select(watched, [], [], min(_ORPHANS_TURN_S, ends_at - time.monotonic()))
        if connection in readable and not connection.recv(1 << 12):
            return
        if alarm in readable:
            os.read(alarm, 1 << 12)
        collect(connection, main_pid)


def collect(connection: socket.socket, main_pid: int) -> None:
    """Reap whatever has ended."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == main_pid:
            say(
                connection,
                {"ended": status, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss << 10},
            )


def say(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one line."""
    connection.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
