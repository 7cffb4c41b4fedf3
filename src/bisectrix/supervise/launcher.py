"""Gets wardens from the zygote, and a new zygote when the old one has died."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from threading import Lock
from typing import IO

from bisectrix.errors import InfraError
from bisectrix.model.words import ContainmentKind
from bisectrix.supervise import zygote

_END_ANSWERED_S = 15.0
_SEEN_OFF_S = 40.0
_TAIL_BYTES = 2000


class Launcher:
    """Owns the zygote; thread-safe."""

    def __init__(self, collect: str, containment: ContainmentKind | None) -> None:
        """Take evidence with the function named `module:function`, and hold cells by the best means or the one named."""
        self._collect = collect
        self._containment = containment
        self._lock = Lock()
        self._zygote: _Running | None = None
        self._closed = False

    def start(self) -> None:
        """Start a zygote unless one runs; does not wait until it is ready."""
        with self._lock:
            self._living()

    def warden(self) -> socket.socket:
        """Return a channel to a fresh warden.

        Raises:
            InfraError: no zygote can be started.
        """
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            for _ in range(2):
                try:
                    self._living().send(zygote.WATCH, 0, theirs)
                except OSError:  # it is dying, though its end cannot be seen yet
                    self._discard()
                else:
                    return ours
        ours.close()
        raise InfraError(self.complaint())

    def end(self, warden: int) -> bool:
        """Have a warden killed with all that it held.

        Returns:
            Whether the zygote did that; false when it has died, too.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                if self._zygote is None:
                    return False
                try:
                    self._zygote.send(zygote.END, warden, theirs)
                except OSError:
                    return False
            ours.settimeout(_END_ANSWERED_S)
            with suppress(OSError):
                return ours.recv(1) == zygote.CLEAN
        return False

    def complaint(self) -> str:
        """Say that the zygote failed, with the end of what it wrote."""
        with self._lock:
            said = self._zygote.said() if self._zygote else ""
        return f"the process that starts wardens has failed: {said}" if said else "the process that starts wardens died"

    def close(self) -> None:
        """Let the zygote go and wait for it: it ends the wardens first."""
        with self._lock:
            self._discard()
            self._closed = True

    def _living(self) -> _Running:
        if self._closed:
            raise InfraError("a supervisor that was left was asked to run something")
        if self._zygote is not None and not self._zygote.lives():
            self._discard()
        if self._zygote is None:
            self._zygote = _Running(self._collect, self._containment or "")
        return self._zygote

    def _discard(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
        self._zygote = None


class _Running:
    """A zygote that was started, with the socket to it and what it writes on standard error."""

    def __init__(self, collect: str, containment: str) -> None:
        self._socket, theirs = socket.socketpair()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", zygote.__name__, collect, containment],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                start_new_session=True,
            )

    def lives(self) -> bool:
        return self._process.poll() is None

    def send(self, verb: bytes, pid: int, passed: socket.socket) -> None:
        self._process.send_signal(signal.SIGCONT)  # a repro may have stopped it
        socket.send_fds(self._socket, [zygote.REQUEST.pack(verb, pid)], [passed.fileno()])

    def said(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), _TAIL_BYTES, max(0, size - _TAIL_BYTES)).decode(errors="replace").strip()

    def close(self) -> None:
        self._socket.close()
        try:
            self._process.wait(_SEEN_OFF_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_SEEN_OFF_S)
        self._log.close()
