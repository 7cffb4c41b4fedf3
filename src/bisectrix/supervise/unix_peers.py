"""The other ends of unix sockets, which only a netlink socket tells (sock_diag(7))."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator

_SOCK_DIAG = 4
_BY_FAMILY = 20
_DUMP = 0x301
_DONE = 3
_ERROR = 2
_SHOW_PEER = 4
_PEER = 2
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBHIIIII")
_MESSAGE = struct.Struct("=BBBBIII")
_ATTRIBUTE = struct.Struct("=HH")
_ANSWER_S = 1.0
_LARGEST_ANSWER = 1 << 17


def unix_peers(connect: Callable[[], socket.socket] | None = None) -> dict[str, str]:
    """Return the inode of the other end of each unix socket of our own network namespace; empty when not told."""
    found: dict[str, str] = {}
    request = _REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _SHOW_PEER, 0xFFFFFFFF, 0xFFFFFFFF)
    try:
        with (connect or _netlink)() as channel:
            channel.settimeout(_ANSWER_S)
            channel.send(_HEADER.pack(_HEADER.size + len(request), _BY_FAMILY, _DUMP, 1, 0) + request)
            while _read_answer(channel.recv(_LARGEST_ANSWER), found):
                pass
    except OSError:
        return {}
    return found


def _netlink() -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _SOCK_DIAG)


def _read_answer(answer: bytes, found: dict[str, str]) -> bool:
    """Add what one datagram says; false when it was the last."""
    at = 0
    while at + _HEADER.size <= len(answer):
        length, kind, *_ = _HEADER.unpack_from(answer, at)
        if kind in {_DONE, _ERROR} or length < _HEADER.size:
            return False
        body = answer[at + _HEADER.size : at + length]
        inode = _MESSAGE.unpack_from(body)[4]
        found |= {str(inode): str(peer) for peer in _peer_attribute(body[_MESSAGE.size :])}
        at += _aligned(length)
    return bool(answer)


def _peer_attribute(attributes: bytes) -> Iterator[int]:
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if kind == _PEER:
            yield struct.unpack_from("=I", attributes, at + _ATTRIBUTE.size)[0]
        at += _aligned(max(length, _ATTRIBUTE.size))


def _aligned(length: int) -> int:
    return (length + 3) & ~3
