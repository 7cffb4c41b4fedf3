"""Somebody outside of a program's tree, who wakes it a while after it is ready."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from bisectrix.supervise import proc

AFTER_S = 4.0
"""Far longer than a proof takes: who is not to be claimed early is left time to be."""

_ANSWERED_S = 60.0

Wake: TypeAlias = Callable[[], None]
Actor: TypeAlias = Callable[[Path, str], AbstractContextManager[Wake]]
"""Prepares in the program's folder; what it yields is called when it is time. The text marks the program's processes."""


@contextmanager
def acting(name: str, folder: Path, mark: str) -> Iterator[Callable[[], None]]:
    """Yield what is to be called when the program is ready; the actor acts a while later, from a thread."""
    with ACTORS[name](folder, mark) as wake:
        timer = threading.Timer(AFTER_S, wake)
        try:
            yield timer.start
        finally:
            timer.cancel()
            if timer.is_alive():
                timer.join(_ANSWERED_S)


@contextmanager
def _nobody(_folder: Path, _mark: str) -> Iterator[Wake]:
    yield lambda: None


@contextmanager
def _makes_a_file(folder: Path, _mark: str) -> Iterator[Wake]:
    yield (folder / "made").touch


@contextmanager
def _opens_the_fifo(folder: Path, _mark: str) -> Iterator[Wake]:
    def wake() -> None:
        os.close(os.open(folder / "fifo", os.O_WRONLY | os.O_NONBLOCK))

    yield wake


@contextmanager
def _releases_the_lock(folder: Path, _mark: str) -> Iterator[Wake]:
    with (folder / "locked").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def _releases_the_record_lock(folder: Path, _mark: str) -> Iterator[Wake]:
    with (folder / "locked").open("ab") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield lambda: fcntl.lockf(file, fcntl.LOCK_UN)


@contextmanager
def _answers(folder: Path, _mark: str) -> Iterator[Wake]:
    with socket.socket(socket.AF_UNIX) as server:
        with _short_name(folder) as name:
            server.bind(f"{name}/server")
        server.listen()
        server.settimeout(_ANSWERED_S)

        def wake() -> None:
            with server.accept()[0] as connection:
                connection.sendall(b"x")

        yield wake


@contextmanager
def _asks(folder: Path, _mark: str) -> Iterator[Wake]:
    with socket.socket(socket.AF_UNIX) as client:

        def wake() -> None:
            with _short_name(folder) as name:
                client.connect(f"{name}/server")
            client.sendall(b"x")

        yield wake


@contextmanager
def _sends_a_signal(_folder: Path, mark: str) -> Iterator[Wake]:
    def wake() -> None:
        for pid in (int(name) for name in proc.names("/proc") if name.isdigit()):
            if mark.encode() in proc.read(f"/proc/{pid}/environ").split(b"\0"):
                os.kill(pid, signal.SIGUSR1)

    yield wake


@contextmanager
def _short_name(folder: Path) -> Iterator[str]:
    """Yield a name of the folder that fits into the address of a socket."""
    descriptor = os.open(folder, os.O_PATH)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


ACTORS: Mapping[str, Actor] = MappingProxyType({
    "": _nobody,
    "makes a file": _makes_a_file,
    "opens the FIFO": _opens_the_fifo,
    "releases the lock": _releases_the_lock,
    "releases the record lock": _releases_the_record_lock,
    "answers": _answers,
    "asks": _asks,
    "sends a signal": _sends_a_signal,
})  # fmt: skip
