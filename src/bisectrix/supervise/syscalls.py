"""What a blocked thread waits for, read from `/proc/PID/task/TID/syscall`; pure."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Until(StrEnum):
    """What ends a thread's wait."""

    FOR_EVER = "for ever"
    TIMER = "timer"
    RUNNING = "running"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Call:
    """A system call by name, with its six arguments as unsigned 64-bit numbers."""

    name: str
    arguments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """The system call a thread is in and what ends it; `call` is empty when running or unreadable."""

    call: str
    until: Until


Arguments = Sequence[int]
Ends = Callable[[Arguments], Until]

_INT32 = 0xFFFFFFFF
_INT32_SIGN = 0x80000000


def _for_ever(_arguments: Arguments) -> Until:
    return Until.FOR_EVER


def _timer(_arguments: Arguments) -> Until:
    return Until.TIMER


def _unless_pointer(index: int) -> Ends:
    """A timeout structure: a null pointer is no timeout."""
    return lambda arguments: Until.TIMER if arguments[index] else Until.FOR_EVER


def _unless_milliseconds(index: int) -> Ends:
    """A timeout as a C int: a negative one is no timeout."""
    return lambda arguments: Until.FOR_EVER if arguments[index] & _INT32 & _INT32_SIGN else Until.TIMER


_FUTEX_COMMAND = 0x7F
_FUTEX_WAITS = frozenset({0, 6, 9, 11, 13})
_FCNTL_WAITS = frozenset({7, 38})


def _futex(arguments: Arguments) -> Until:
    if arguments[1] & _FUTEX_COMMAND not in _FUTEX_WAITS:
        return Until.UNKNOWN
    return _unless_pointer(3)(arguments)


def _fcntl(arguments: Arguments) -> Until:
    return Until.FOR_EVER if arguments[1] & _INT32 in _FCNTL_WAITS else Until.UNKNOWN


_WITHOUT_TIMEOUT = (
    *(
        "read",
        "readv",
        "write",
        "writev",
        "open",
        "openat",
        "recvfrom",
        "recvmsg",
        "sendto",
        "sendmsg",
        "accept",
        "accept4",
    ),
    *("wait4", "waitid", "flock", "pause", "rt_sigsuspend", "msgrcv", "msgsnd", "semop", "sendmmsg"),
)

_ENDS: Mapping[str, Ends] = MappingProxyType({
    "futex": _futex,
    "fcntl": _fcntl,
    "epoll_wait": _unless_milliseconds(3),
    "epoll_pwait": _unless_milliseconds(3),
    "epoll_pwait2": _unless_pointer(3),
    "poll": _unless_milliseconds(2),
    "ppoll": _unless_pointer(2),
    "select": _unless_pointer(4),
    "pselect6": _unless_pointer(4),
    "futex_waitv": _unless_pointer(3),
    "recvmmsg": _unless_pointer(4),
    "rt_sigtimedwait": _unless_pointer(2),
    "semtimedop": _unless_pointer(3),
    "mq_timedreceive": _unless_pointer(4),
    "mq_timedsend": _unless_pointer(4),
    "futex_wait": _unless_pointer(4),
    "nanosleep": _timer,
    "clock_nanosleep": _timer,
    "connect": _timer,
    **dict.fromkeys(_WITHOUT_TIMEOUT, _for_ever),
})  # fmt: skip

_X86_64 = """
0 read 1 write 2 open 7 poll 19 readv 20 writev 23 select 34 pause 35 nanosleep 42 connect 43 accept 44 sendto 45 recvfrom
46 sendmsg 47 recvmsg 61 wait4 65 semop 69 msgsnd 70 msgrcv 72 fcntl 73 flock 128 rt_sigtimedwait 130 rt_sigsuspend 202 futex
220 semtimedop 230 clock_nanosleep 232 epoll_wait 242 mq_timedsend 243 mq_timedreceive 247 waitid 257 openat
270 pselect6 271 ppoll 281 epoll_pwait 288 accept4 299 recvmmsg 307 sendmmsg 441 epoll_pwait2 449 futex_waitv
455 futex_wait
"""
_AARCH64 = """
22 epoll_pwait 25 fcntl 32 flock 56 openat 63 read 64 write 65 readv 66 writev 72 pselect6 73 ppoll 95 waitid 98 futex
101 nanosleep 115 clock_nanosleep 133 rt_sigsuspend 137 rt_sigtimedwait 182 mq_timedsend 183 mq_timedreceive
188 msgrcv 189 msgsnd 192 semtimedop 193 semop 202 accept 203 connect 206 sendto 207 recvfrom 211 sendmsg 212 recvmsg
242 accept4 243 recvmmsg 260 wait4 269 sendmmsg 441 epoll_pwait2 449 futex_waitv 455 futex_wait
"""


def _table(text: str) -> Mapping[int, str]:
    numbers, calls = text.split()[::2], text.split()[1::2]
    return MappingProxyType(dict(zip(map(int, numbers), calls, strict=True)))


_NUMBERS: Mapping[str, Mapping[int, str]] = MappingProxyType({"x86_64": _table(_X86_64), "aarch64": _table(_AARCH64)})

_ARGUMENTS = 6


def wait_of(line: str, machine: str = platform.machine()) -> Wait:
    """Read one line of a `syscall` file: number, six arguments, stack and program pointer.

    Args:
        line: empty when the file could not be read, which is unknown.
        machine: as `uname -m` says it; calls of any other than x86_64 and aarch64 are unknown.
    """
    if line.split() == ["running"]:
        return Wait("", Until.RUNNING)
    call = call_of(line, machine)
    return Wait(call.name, _ENDS[call.name](call.arguments)) if call else Wait("", Until.UNKNOWN)


def call_of(line: str, machine: str = platform.machine()) -> Call | None:
    """Read the call in one line of a `syscall` file; None where there is none, or none that we know."""
    words = line.split()
    if len(words) <= _ARGUMENTS:
        return None
    name = _NUMBERS.get(machine, {}).get(int(words[0]), "")
    return Call(name, tuple(int(word, 16) for word in words[1 : 1 + _ARGUMENTS])) if name else None
