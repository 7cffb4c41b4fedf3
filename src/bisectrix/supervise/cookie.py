"""Finds what is left of an attempt by a variable in its environment, wherever in the tree of processes it hides."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from bisectrix.supervise import proc

VARIABLE = "BISECTRIX_COOKIE"
_PAUSE_S = 0.005


def kill_all(cookie: str, within_s: float) -> tuple[str, ...]:
    """Kill every process whose environment holds the cookie, until none is found.

    Returns:
        Command lines of what still lives after `within_s`.
    """
    give_up = time.monotonic() + within_s
    while found := holders(cookie):
        for pid in found:  # even where one look has taken all the time there was
            _kill(pid, _mark(cookie))
        if time.monotonic() > give_up:
            break
        time.sleep(_PAUSE_S)
    return tuple(proc.command_line(pid) for pid in found)


def holders(cookie: str) -> list[int]:
    """Return the processes whose environment holds the cookie."""
    mark = _mark(cookie)
    return [int(name) for name in proc.names("/proc") if name.isdigit() and _holds(int(name), mark)]


def _mark(cookie: str) -> bytes:
    return f"{VARIABLE}={cookie}".encode()


def _holds(pid: int, mark: bytes) -> bool:
    return mark in proc.read(f"/proc/{pid}/environ").split(b"\0")


def _kill(pid: int, mark: bytes) -> None:
    """Kill through a descriptor, checked after it was opened: the pid may belong to another by now."""
    with suppress(ProcessLookupError, PermissionError):
        descriptor = os.pidfd_open(pid)
        try:
            if _holds(pid, mark):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)
