"""Holds the processes of an order in a container that waits at its gate; the kernel ends all of them with the first.

The other side is `probe/gate.py`, process 1 of the container, at the other end of a connection. It runs beside the program
under test, so what it says is taken for what the program says of itself, and no more.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.model.words import ContainmentKind, LimitKind
from bisectrix.supervise import proc, tree
from bisectrix.supervise.containment.bounds import Bounds
from bisectrix.supervise.containment.interface import CannotStartError, Child, LostError
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import ending_of

LENGTHS = struct.Struct(">IQ")
"""Of the order and of its files; the gate reads them in the same form."""

LONGEST_SUITE_S = 24 * 3600.0
_LONGER_S = 120.0
"""How much longer than the order allows the container goes on by itself, should nobody end it."""

_STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 10.0
_LARGEST_EVENTS = 64 << 20
_CAP_SYS_PTRACE = 19


class Gated:
    """The processes of one container, seen from outside.

    Attributes:
        how: what holds them.
        main: how the main process ended; None while it lives.
        cpu_s: used by all processes of the container, since the order was given.
        peak_bytes: largest resident size of the main process, known when it has ended.
    """

    def __init__(self, order: Order, gate: int) -> None:
        """Take over the connection to the container."""
        self._connection = socket.socket(fileno=gate)
        self._init = peer_pid(self._connection)
        self._init_handle = os.pidfd_open(self._init)
        self._bounds = Bounds.of(self._init)
        self._root = Path(f"/proc/{self._init}/root")
        self._received = b""
        self._order = order
        self.how = Contained(kind=ContainmentKind.CONTAINER, bounds=(LimitKind.MEMORY, LimitKind.PROCESSES))
        self.main: Exited | Signalled | None = None
        self.cpu_s = 0.0
        self.peak_bytes = 0
        self.left = ()  # all goes with the container

    @property
    def counted_cpu_s(self) -> float:
        """Time on a core of all that ever was in the container."""
        return self._bounds.cpu_s()

    def start(self, order: Order) -> Child:
        """Hand over the order with its files and two pipes, and wait until the command runs."""
        (stdout, stdout_end), (stderr, stderr_end) = os.pipe(), os.pipe()
        self._connection.settimeout(_STARTS_WITHIN_S)
        try:
            self._hand_over(order, (stdout_end, stderr_end))
            answer = self._answer()
        except OSError as error:
            message = f"the container ended before its command began: {error}"
            raise CannotStartError(message) from None
        finally:
            os.close(stdout_end)
            os.close(stderr_end)
        if "started" not in answer:
            message = f"cannot start {order.argv[0]} in {order.cwd}: {answer.get('failed', 'the container ended')}"
            raise CannotStartError(message)
        self._connection.settimeout(0.0)
        for stream in (stdout, stderr):
            os.set_blocking(stream, False)
        self._bounds.begin()
        pid = next(iter(self.pids()), self._init)
        pidfd = os.dup(self._connection.fileno())
        return Child(pid=pid, pidfd=pidfd, stdout=stdout, stderr=stderr, root=self._root, keeper=self._init)

    def collect(self) -> None:
        """Read what the gate has said of the end of the main process.

        Raises:
            LostError: it has ended without a word, and no bound of the kernel was met.
        """
        self._take_lines()  # a short command may have ended before its start was read
        with suppress(BlockingIOError):
            while self.main is None:
                piece = self._piece()
                self._received += piece
                self._take_lines()
                if not piece and self.main is None:
                    if self._bounds.crossed() is None:
                        raise LostError("the container was ended from outside: has its engine stopped?")
                    self.main = Signalled(signal="SIGKILL")

    def pids(self) -> tuple[int, ...]:
        """Return what descends from process 1: it adopts every orphan of its container."""
        return tree.descendants(self._init)

    def limit_crossed(self) -> Limited | None:
        """Return the bound of the container that was met."""
        return self._bounds.crossed()

    def stop(self) -> tuple[int, ...]:
        """Stop all but process 1."""
        return tree.stop(self.pids)

    def end(self) -> bool:
        """Save what the cell wrote for us, then end process 1, and with it the kernel ends all others."""
        self.cpu_s = max(self.cpu_s, self._bounds.cpu_s())
        self._save_events()
        self._connection.close()  # which ends it where we may not send it a signal
        with suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(self._init_handle, signal.SIGKILL)
        gone, _, _ = select.select([self._init_handle], [], [], _ENDS_WITHIN_S)
        os.close(self._init_handle)
        return bool(gone)

    def _hand_over(self, order: Order, streams: tuple[int, int]) -> None:
        root = str(order.inside)
        longest_s = LONGEST_SUITE_S if order.tests else order.limits.startup_s + order.limits.deadline_s + _LONGER_S
        folders = sorted(str(order.seen_inside(path)) for path in order.scratch.rglob("*") if path.is_dir())
        contents = {path: path.read_bytes() for path in _files(order.scratch)}
        document = {
            "argv": order.argv,
            "env": dict(order.env),
            "cwd": str(order.cwd),
            "folders": [root, *folders],
            "files": [
                (str(order.seen_inside(path)), stat.S_IMODE(path.stat().st_mode), len(content))
                for path, content in contents.items()
            ],
            "longest_s": longest_s,
            "untouchable": may_look_into_any(),
        }
        text, files = json.dumps(document).encode(), b"".join(contents.values())
        socket.send_fds(self._connection, [LENGTHS.pack(len(text), len(files))], list(streams))
        self._connection.sendall(text + files)

    def _answer(self) -> dict[str, Any]:
        while b"\n" not in self._received:
            piece = self._connection.recv(1 << 12)
            if not piece:
                return {}
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        return _parsed(line)

    def _piece(self) -> bytes:
        """Read once; nothing is the end, also of a gate that was killed before it had read all of ours."""
        try:
            return self._connection.recv(1 << 12)
        except ConnectionResetError:
            return b""

    def _take_lines(self) -> None:
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            self._take(_parsed(line))

    def _take(self, message: dict[str, Any]) -> None:
        status = message.get("ended")
        if isinstance(status, int):
            self.main = ending_of(status)
            self.cpu_s = float(message.get("cpu_s", 0.0))
            self.peak_bytes = int(message.get("peak_bytes", 0))

    def _save_events(self) -> None:
        """Copy the events of a suite to where the harness looks for them; in the container they end with it."""
        events = self._order.events
        if events is None:
            return
        with suppress(OSError):
            events.parent.mkdir(parents=True, exist_ok=True)
            events.write_bytes(_content(self._order.seen_below(self._root).events or events))


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _files(scratch: Path) -> tuple[Path, ...]:
    """Return the files that the harness has prepared."""
    return tuple(path for path in sorted(scratch.rglob("*")) if path.is_file() and not path.is_symlink())


def _content(file: Path) -> bytes:
    """Return what a regular file holds; nothing for anything else, such as a link of the program's to one of ours."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as opened:
        return opened.read(_LARGEST_EVENTS) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""


def may_look_into_any() -> bool:
    """Say whether we see the files of a process that forbids it to programs of its own user, such as the gate."""
    status = proc.read("/proc/self/status")
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith(b"CapEff:")), b"0")
    return bool(int(effective, 16) >> _CAP_SYS_PTRACE & 1)


def peer_pid(connection: socket.socket) -> int:
    """Return the process at the other end, as this side of any namespace sees it."""
    size = struct.calcsize("3i")
    pid: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0]
    return pid
