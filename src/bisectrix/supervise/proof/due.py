"""When a timer ends a wait, from the arguments of its call and the memory that they point to."""

from __future__ import annotations

import struct
import time
from types import MappingProxyType

from bisectrix.supervise.proof.asks import Peek
from bisectrix.supervise.proof.scene import Due
from bisectrix.supervise.syscalls import Call

_PAIR = struct.Struct("=qq")
_PER_S = MappingProxyType({"timespec": 1e9, "timeval": 1e6})
_MILLISECONDS = MappingProxyType({"epoll_wait": 3, "epoll_pwait": 3, "poll": 2})
_LENGTHS = MappingProxyType({
    "epoll_pwait2": (3, "timespec"),
    "semtimedop": (3, "timespec"),
    "rt_sigtimedwait": (2, "timespec"),
    "ppoll": (2, "timespec"),
    "select": (4, "timeval"),
    "pselect6": (4, "timespec"),
    "nanosleep": (0, "timespec"),
    "clock_nanosleep": (2, "timespec"),
    "futex": (3, "timespec"),
})  # fmt: skip
"""Which argument points to how long the call waits, and in what form."""

_ABSOLUTE_SLEEP = 1
_FUTEX_ABSOLUTE = frozenset({9, 11, 13})
_FUTEX_COMMAND = 0x7F
_FUTEX_REALTIME = 0x100
_INT32 = 0xFFFFFFFF
_CLOCKS = frozenset({time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME})


def due_of(call: Call, peek: Peek) -> Due | None:
    """Return when a timer ends a call; None where that is not known."""
    if call.name in _MILLISECONDS:
        return Due((call.arguments[_MILLISECONDS[call.name]] & _INT32) / 1e3, from_now=False)
    if call.name not in _LENGTHS:
        return None
    index, form = _LENGTHS[call.name]
    moment = _seconds(call.arguments[index], peek, _PER_S[form])
    if moment is None:
        return None
    clock = _clock(call)
    if clock is None:
        return Due(moment, from_now=False)
    return Due(moment - time.clock_gettime(clock), from_now=True) if clock in _CLOCKS else None


def _clock(call: Call) -> int | None:
    """Return the clock by which a call waits for a moment; None where it waits for a length of time."""
    first, second, *_ = call.arguments
    if call.name == "clock_nanosleep" and second & _ABSOLUTE_SLEEP:
        return first
    if call.name == "futex" and second & _FUTEX_COMMAND in _FUTEX_ABSOLUTE:
        return time.CLOCK_REALTIME if second & _FUTEX_REALTIME else time.CLOCK_MONOTONIC
    return None


def _seconds(pointer: int, peek: Peek, per_s: float) -> float | None:
    raw = peek(pointer, _PAIR.size)
    if len(raw) != _PAIR.size:
        return None
    whole, part = _PAIR.unpack(raw)
    return float(whole + part / per_s)
