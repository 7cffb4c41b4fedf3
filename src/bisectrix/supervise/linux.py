"""The few kernel services that the standard library does not wrap."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from enum import IntFlag

_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_PTRACER = 0x59616D61
_PR_SET_PTRACER_ANY = ctypes.c_ulong(-1)
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432
"""Numbers of system calls, the same for every kind of machine."""
_CLOSED_ON_EXEC = 1
_CREATE = 6
_INTERFACE_FLAGS = struct.Struct("16sh14x")

_LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace(IntFlag):
    """What `unshare` can give a process of its own."""

    MOUNTS = 0x00020000
    IPC = 0x08000000
    USERS = 0x10000000
    PIDS = 0x20000000
    NETWORK = 0x40000000


class Mount(IntFlag):
    """How something is mounted."""

    NO_SETUID = 0x2
    NO_DEVICES = 0x4
    NO_PROGRAMS = 0x8
    AGAIN = 0x20
    WITH_ALL_BELOW = 0x4000
    PRIVATE = 0x40000


def become_subreaper() -> None:
    """Make orphaned descendants children of this process instead of init.

    Raises:
        OSError: the kernel refuses.
    """
    _checked(_LIBC.prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0))


def let_anyone_trace_us() -> None:
    """Let stack samplers of this user attach to this process where Yama forbids it; elsewhere does nothing."""
    _LIBC.prctl(_PR_SET_PTRACER, _PR_SET_PTRACER_ANY, 0, 0, 0)


def unshare(namespaces: Namespace) -> None:
    """Move this process to new namespaces; into one of pids come only its future children.

    Raises:
        OSError: the kernel refuses.
    """
    _checked(_LIBC.unshare(ctypes.c_int(namespaces)))


def mount(kind: str, at: str, flags: Mount, options: str = "") -> None:
    """Mount a file system of the kernel's own; without a kind, change how the mount at a place spreads.

    Raises:
        OSError: the kernel refuses.
    """
    source = (kind or "none").encode()
    _checked(_LIBC.mount(source, at.encode(), kind.encode() or None, ctypes.c_ulong(flags), options.encode() or None))


def mount_apart(kind: str) -> int:
    """Mount a file system of the kernel's own nowhere, and return a descriptor of its folder; the caller's to close.

    Raises:
        OSError: the kernel refuses.
    """
    context = _checked(_LIBC.syscall(_FSOPEN, kind.encode(), _CLOSED_ON_EXEC))
    try:
        _checked(_LIBC.syscall(_FSCONFIG, context, _CREATE, None, None, 0))
        mounted = _checked(_LIBC.syscall(_FSMOUNT, context, _CLOSED_ON_EXEC, 0))
    finally:
        os.close(context)
    try:
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=mounted)
    finally:
        os.close(mounted)


def bring_up_loopback() -> None:
    """Let the loopback interface of this process' network carry packets.

    Raises:
        OSError: the kernel refuses.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, _INTERFACE_FLAGS.pack(b"lo", 0))
        _, flags = _INTERFACE_FLAGS.unpack(answer)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _INTERFACE_FLAGS.pack(b"lo", flags | _IFF_UP))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
