"""Time limits of sockets, which only a descriptor of the same socket tells."""

from __future__ import annotations

import ctypes
import os
import socket
import struct

from bisectrix.supervise.proof.scene import Opaque

_PIDFD_GETFD = 438
_TIMEVAL = struct.Struct("@ll")
_LIBC = ctypes.CDLL(None, use_errno=True)


def time_limit(pid: int, number: int, *, sends: bool) -> Opaque | None:
    """Return what ends a read or write of a blocking socket by itself; None where it has no time limit."""
    what = f"socket {number} of {pid}"
    try:
        with _copy_of(pid, number) as copied:
            option = socket.SO_SNDTIMEO if sends else socket.SO_RCVTIMEO
            seconds, microseconds = _TIMEVAL.unpack(copied.getsockopt(socket.SOL_SOCKET, option, _TIMEVAL.size))
    except (OSError, struct.error):
        return Opaque(what=what, why="whether it has a time limit cannot be read")
    if not seconds and not microseconds:
        return None
    return Opaque(what=what, why=f"it has a time limit of {seconds + microseconds / 1e6:g} s", stirred=True)


def _copy_of(pid: int, number: int) -> socket.socket:
    handle = os.pidfd_open(pid)
    try:
        copied = _LIBC.syscall(_PIDFD_GETFD, handle, number, 0)
    finally:
        os.close(handle)
    if copied < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    return socket.socket(fileno=copied)
