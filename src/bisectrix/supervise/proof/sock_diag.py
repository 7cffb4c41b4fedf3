"""Asks the kernel who is connected to whom through Unix sockets, which no file of /proc tells."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bisectrix.supervise import proc

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_ERROR, _DONE = 2, 3
_SHOW_NAME_PEER_PENDING = 0x1 | 0x4 | 0x8
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBHIIIII")
_MESSAGE = struct.Struct("=BBBBIII")
_ATTRIBUTE = struct.Struct("=HH")
_NAME, _PEER, _PENDING = 0, 2, 3
_LISTENS = 10
_CHUNK_BYTES = 1 << 16
_WITHIN_S = 2.0
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True, kw_only=True, slots=True)
class UnixEnd:
    """One Unix socket.

    Attributes:
        peer: inode of the other end; 0 where there is none, or where nobody has accepted it yet.
        name: of a bound one; `@name` where it is no file.
        pending: of a listening one, the inodes of those that wait to be accepted.
    """

    inode: int
    stream: bool
    listens: bool
    peer: int = 0
    name: str = ""
    pending: tuple[int, ...] = ()


def open_in(pid: int) -> socket.socket | None:
    """Open a socket that asks about the network which a process lives in; None where we may not."""
    try:
        if proc.link(f"/proc/{pid}/ns/net") == proc.link("/proc/self/ns/net"):
            return _diagnostic()
        return _opened_inside(pid)
    except OSError:
        return None


def unix_ends(asking: socket.socket) -> Mapping[int, UnixEnd]:
    """Return all Unix sockets of a network by inode; empty where the kernel does not tell."""
    body = _REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _SHOW_NAME_PEER_PENDING, 0, 0)
    head = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
    try:
        asking.send(head + body)
        return {end.inode: end for end in _answers(asking)}
    except OSError:
        return {}


def _diagnostic() -> socket.socket:
    asking = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG)
    asking.settimeout(_WITHIN_S)
    return asking


def _opened_inside(pid: int) -> socket.socket | None:
    """Have a child enter the namespaces of a process and hand back a socket of theirs."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(_WITHIN_S)
        child = os.fork()
        if child == 0:
            _hand_over(pid, theirs)
        theirs.close()
        try:
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        finally:
            os.waitpid(child, 0)
    if not descriptors:
        return None
    opened = socket.socket(fileno=descriptors[0])
    opened.settimeout(_WITHIN_S)
    return opened


def _hand_over(pid: int, to: socket.socket) -> None:
    """Enter, open, send, and end; in a child of its own."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        kinds = (("user", _CLONE_NEWUSER), ("net", _CLONE_NEWNET))
        spaces = [(os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY), flag) for name, flag in kinds if _differs(pid, name)]
        if all(libc.setns(descriptor, flag) == 0 for descriptor, flag in spaces):
            with _diagnostic() as asking:
                socket.send_fds(to, [b"1"], [asking.fileno()])
    finally:
        os._exit(0)


def _differs(pid: int, name: str) -> bool:
    return proc.link(f"/proc/{pid}/ns/{name}") != proc.link(f"/proc/self/ns/{name}")


def _answers(asking: socket.socket) -> Iterator[UnixEnd]:
    while True:
        chunk = asking.recv(_CHUNK_BYTES)
        at = 0
        while at < len(chunk):
            length, kind, *_ = _HEADER.unpack_from(chunk, at)
            if kind == _DONE:
                return
            if kind == _ERROR or length < _HEADER.size:
                raise OSError
            yield _end(chunk[at + _HEADER.size : at + length])
            at += _aligned(length)


def _end(message: bytes) -> UnixEnd:
    _, kind, state, _, inode, _, _ = _MESSAGE.unpack_from(message)
    found = dict(_attributes(message[_MESSAGE.size :]))
    return UnixEnd(
        inode=inode,
        stream=kind != socket.SOCK_DGRAM,
        listens=state == _LISTENS,
        peer=int.from_bytes(found.get(_PEER, b""), "little"),
        name=_name(found.get(_NAME, b"")),
        pending=tuple(number for (number,) in struct.iter_unpack("=I", found.get(_PENDING, b""))),
    )


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    with suppress(struct.error):
        while at < len(raw):
            length, kind = _ATTRIBUTE.unpack_from(raw, at)
            if length < _ATTRIBUTE.size:
                return
            yield kind, raw[at + _ATTRIBUTE.size : at + length]
            at += _aligned(length)


def _name(raw: bytes) -> str:
    text = raw[1:] if raw.startswith(b"\0") else raw.rstrip(b"\0")
    return ("@" if raw.startswith(b"\0") else "") + text.decode(errors="replace")


def _aligned(length: int) -> int:
    return (length + 3) & ~3
