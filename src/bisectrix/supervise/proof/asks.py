"""What a system call waits on, from its arguments and the structures that they point to; pure but for that memory."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from bisectrix.supervise.proof.scene import Wants
from bisectrix.supervise.syscalls import Call

Peek: TypeAlias = Callable[[int, int], bytes]
"""Reads memory of the process: address, length; shorter where it cannot be read."""


@dataclass(frozen=True, slots=True)
class AsksFutex:
    """A word of memory; `private` where the caller says that no other process has it."""

    address: int
    private: bool
    names_owner: bool = False


@dataclass(frozen=True, slots=True)
class AsksDescriptor:
    """A descriptor; `blocks` where the call itself reads or writes, so that a time limit of the socket holds."""

    number: int
    wants: Wants
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class AsksEpoll:
    """Whatever is registered with an epoll descriptor."""

    number: int


@dataclass(frozen=True, slots=True)
class AsksChild:
    """A child; 0 for any."""

    pid: int


@dataclass(frozen=True, slots=True)
class AsksProcessEnd:
    """The process behind a pidfd."""

    descriptor: int


@dataclass(frozen=True, slots=True)
class AsksLock:
    """A lock on the file behind a descriptor."""

    descriptor: int


@dataclass(frozen=True, slots=True)
class AsksSignal:
    """A signal, in words."""

    name: str


@dataclass(frozen=True, slots=True)
class AsksOpening:
    """A file that is being opened."""

    folder: int
    path: bytes


@dataclass(frozen=True, slots=True)
class AsksUnknown:
    """Something we do not look into."""

    why: str
    stirred: bool = False


Asks: TypeAlias = (
    AsksFutex
    | AsksDescriptor
    | AsksEpoll
    | AsksChild
    | AsksProcessEnd
    | AsksLock
    | AsksSignal
    | AsksOpening
    | AsksUnknown
)

Decode: TypeAlias = Callable[[tuple[int, ...], Peek], tuple[Asks, ...]]

MOST_DESCRIPTORS = 4096
_MOST_FUTEXES = 128
_UNREADABLE = (AsksUnknown("its memory cannot be read"),)
_ANY_SIGNAL = (AsksSignal("a signal"),)
_WORD_BITS = 64
_LONGEST_PATH = 4096
_AT_FDCWD = -100


def _futex(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    command, private = arguments[1] & 0x7F, bool(arguments[1] & 0x80)
    return (AsksFutex(arguments[0], private, names_owner=command in {6, 13}),)


def _futex_wait(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksFutex(arguments[0], private=bool(arguments[3] & 0x80)),)


def _futex_waitv(arguments: tuple[int, ...], peek: Peek) -> tuple[Asks, ...]:
    entry = struct.Struct("=QQII")
    count = _int(arguments[1])
    raw = peek(arguments[0], count * entry.size) if 0 < count <= _MOST_FUTEXES else b""
    if not raw or len(raw) != count * entry.size:
        return _UNREADABLE
    return tuple(AsksFutex(address, bool(flags & 0x80)) for _, address, flags, _ in entry.iter_unpack(raw))


def _reads(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksDescriptor(_int(arguments[0]), Wants.DATA, blocks=True),)


def _writes(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksDescriptor(_int(arguments[0]), Wants.ROOM, blocks=True),)


def _poll(arguments: tuple[int, ...], peek: Peek) -> tuple[Asks, ...]:
    entry = struct.Struct("=ihh")
    count = arguments[1]
    raw = peek(arguments[0], count * entry.size) if count <= MOST_DESCRIPTORS else b""
    if len(raw) != count * entry.size:
        return _UNREADABLE
    found = [ask for number, events, _ in entry.iter_unpack(raw) if number >= 0 for ask in for_events(number, events)]
    return tuple(found) or _ANY_SIGNAL


def for_events(number: int, events: int) -> tuple[AsksDescriptor, ...]:
    """Return what is asked of a descriptor by a mask of poll or epoll; an empty one still asks for its end."""
    asked = [Wants.DATA] if events & 0x2043 or not events & 0x104 else []  # POLLIN, POLLPRI, POLLRDNORM, POLLRDHUP
    asked += [Wants.ROOM] if events & 0x104 else []  # POLLOUT, POLLWRNORM
    return tuple(AsksDescriptor(number, wants) for wants in asked)


def _select(arguments: tuple[int, ...], peek: Peek) -> tuple[Asks, ...]:
    count = _int(arguments[0])
    if not 0 <= count <= MOST_DESCRIPTORS:
        return _UNREADABLE
    size = (count + _WORD_BITS - 1) // _WORD_BITS * (_WORD_BITS // 8)
    found: list[Asks] = []
    for pointer, wants in zip(arguments[1:4], (Wants.DATA, Wants.ROOM, Wants.DATA), strict=True):
        raw = peek(pointer, size) if pointer else bytes(size)
        if len(raw) != size:
            return _UNREADABLE
        found += (AsksDescriptor(number, wants) for number in _bits(raw) if number < count)
    return tuple(found) or _ANY_SIGNAL


def _bits(raw: bytes) -> Iterator[int]:
    return (8 * at + bit for at, byte in enumerate(raw) for bit in range(8) if byte >> bit & 1)


def _epoll(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksEpoll(_int(arguments[0])),)


def _wait4(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksChild(max(_int(arguments[0]), 0)),)


def _waitid(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    kind, which = _int(arguments[0]), _int(arguments[1])
    if kind == 3:  # noqa: PLR2004 - P_PIDFD
        return (AsksProcessEnd(which),)
    return (AsksChild(which if kind == 1 else 0),)


def _lock(arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksLock(_int(arguments[0])),)


def _signal(_arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return _ANY_SIGNAL


def _open(arguments: tuple[int, ...], peek: Peek) -> tuple[Asks, ...]:
    return _opening(_AT_FDCWD, arguments[0], peek)


def _openat(arguments: tuple[int, ...], peek: Peek) -> tuple[Asks, ...]:
    return _opening(_int(arguments[0]), arguments[1], peek)


def _opening(folder: int, pointer: int, peek: Peek) -> tuple[Asks, ...]:
    page = 4096
    first = peek(pointer, page - pointer % page)
    text = first if b"\0" in first else first + peek(pointer + len(first), page)
    path, ended, _ = text[:_LONGEST_PATH].partition(b"\0")
    return (AsksOpening(folder, path),) if path and ended else _UNREADABLE


def _nothing(_arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return ()


def _system_v(_arguments: tuple[int, ...], _peek: Peek) -> tuple[Asks, ...]:
    return (AsksUnknown("who uses a System V queue or semaphore, or a message queue, cannot be seen", stirred=True),)


_DECODE: Mapping[str, Decode] = MappingProxyType({
    "futex": _futex,
    "futex_wait": _futex_wait,
    "futex_waitv": _futex_waitv,
    **dict.fromkeys(("read", "readv", "recvfrom", "recvmsg", "recvmmsg", "accept", "accept4"), _reads),
    **dict.fromkeys(("write", "writev", "sendto", "sendmsg", "sendmmsg"), _writes),
    **dict.fromkeys(("poll", "ppoll"), _poll),
    **dict.fromkeys(("select", "pselect6"), _select),
    **dict.fromkeys(("epoll_wait", "epoll_pwait", "epoll_pwait2"), _epoll),
    "wait4": _wait4,
    "waitid": _waitid,
    **dict.fromkeys(("flock", "fcntl"), _lock),
    **dict.fromkeys(("pause", "rt_sigsuspend", "rt_sigtimedwait"), _signal),
    "open": _open,
    "openat": _openat,
    **dict.fromkeys(("nanosleep", "clock_nanosleep"), _nothing),
    **dict.fromkeys(("msgrcv", "msgsnd", "semop", "semtimedop", "mq_timedreceive", "mq_timedsend"), _system_v),
})  # fmt: skip


def asks(call: Call, peek: Peek) -> tuple[Asks, ...]:
    """Return all that a call waits on; any one of them ends it; nothing for a mere sleep."""
    decode = _DECODE.get(call.name)
    return decode(call.arguments, peek) if decode else (AsksUnknown(f"what {call.name} waits for is not known"),)


def _int(argument: int) -> int:
    """Read an argument as the C int that the kernel takes it for."""
    low = argument & 0xFFFFFFFF
    return low - (1 << 32) if low >> 31 else low
