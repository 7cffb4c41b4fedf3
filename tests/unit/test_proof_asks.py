"""What a call waits on, from made-up arguments and memory."""

from __future__ import annotations

import struct
import time

import pytest

from bisectrix.supervise.proof.asks import (
    Asks,
    AsksChild,
    AsksDescriptor,
    AsksEpoll,
    AsksFutex,
    AsksLock,
    AsksOpening,
    AsksProcessEnd,
    AsksSignal,
    AsksUnknown,
    Peek,
    asks,
)
from bisectrix.supervise.proof.due import due_of
from bisectrix.supervise.proof.scene import Wants
from bisectrix.supervise.syscalls import Call

AT = 0x1000
MINUS_ONE = 0xFFFFFFFFFFFFFFFF


def memory(content: bytes) -> Peek:
    return lambda address, length: content[address - AT : address - AT + length]


def call(name: str, *arguments: int) -> Call:
    return Call(name, (*arguments, 0, 0, 0, 0, 0, 0)[:6])


@pytest.mark.parametrize(
    ("asked", "content", "expected"),
    [
        (call("futex", AT, 0x80), b"", (AsksFutex(AT, private=True),)),
        (call("futex", AT, 0x109), b"", (AsksFutex(AT, private=False),)),
        (call("futex", AT, 0x86), b"", (AsksFutex(AT, private=True, names_owner=True),)),
        (call("futex_waitv", AT, 1), struct.pack("=QQII", 0, 9, 0x82, 0), (AsksFutex(9, private=True),)),
        (call("futex_waitv", AT, 2), b"short", (AsksUnknown("its memory cannot be read"),)),
        (call("futex_waitv", AT, 129), bytes(129 * 24), (AsksUnknown("its memory cannot be read"),)),
        (call("read", 5), b"", (AsksDescriptor(5, Wants.DATA, blocks=True),)),
        (call("sendto", 5), b"", (AsksDescriptor(5, Wants.ROOM, blocks=True),)),
        (call("epoll_wait", 5), b"", (AsksEpoll(5),)),
        (
            call("poll", AT, 3),
            struct.pack("=ihhihhihh", 3, 1, 0, -1, 1, 0, 4, 5, 0),
            (AsksDescriptor(3, Wants.DATA), AsksDescriptor(4, Wants.DATA), AsksDescriptor(4, Wants.ROOM)),
        ),
        (call("poll", AT, 2), struct.pack("=ihh", 3, 1, 0), (AsksUnknown("its memory cannot be read"),)),
        (call("poll", AT, 0), b"", (AsksSignal("a signal"),)),
        (
            call("select", 66, AT, AT + 16, 0),
            struct.pack("=QQQQ", 1 << 3, 1 << 1, 1 << 4, 1 << 60),
            (AsksDescriptor(3, Wants.DATA), AsksDescriptor(65, Wants.DATA), AsksDescriptor(4, Wants.ROOM)),
        ),
        (call("select", 4, AT), b"", (AsksUnknown("its memory cannot be read"),)),
        (call("select", 1 << 32 | 4, AT), struct.pack("=Q", 1 << 3), (AsksDescriptor(3, Wants.DATA),)),
        (call("select", 1 << 31, AT), b"", (AsksUnknown("its memory cannot be read"),)),
        (call("wait4", MINUS_ONE), b"", (AsksChild(0),)),
        (call("wait4", 77), b"", (AsksChild(77),)),
        (call("waitid", 1, 77), b"", (AsksChild(77),)),
        (call("waitid", 3, 5), b"", (AsksProcessEnd(5),)),
        (call("waitid", 1 << 32 | 3, 5), b"", (AsksProcessEnd(5),)),
        (call("flock", 5, 2), b"", (AsksLock(5),)),
        (call("pause"), b"", (AsksSignal("a signal"),)),
        (call("openat", MINUS_ONE - 99, AT), b"/tmp/x\0rest", (AsksOpening(-100, b"/tmp/x"),)),
        (call("openat", MINUS_ONE - 99, AT), b"unended", (AsksUnknown("its memory cannot be read"),)),
        (call("clock_nanosleep"), b"", ()),
        (call("connect", 5), b"", (AsksUnknown("what connect waits for is not known"),)),
    ],
)
def test_a_call_says_what_it_waits_on(asked: Call, content: bytes, expected: tuple[Asks, ...]) -> None:
    assert asks(asked, memory(content)) == expected


def test_who_uses_a_system_v_queue_is_nobodys_knowledge() -> None:
    (asked,) = asks(call("msgrcv", 1), memory(b""))
    assert isinstance(asked, AsksUnknown)
    assert asked.stirred


@pytest.mark.parametrize(
    ("asked", "content", "expected"),
    [
        (call("epoll_wait", 3, 0, 0, 500), b"", "sleeps 0.5 s at a time"),
        (call("poll", 0, 0, 2000), b"", "sleeps 2 s at a time"),
        (call("select", 0, 0, 0, 0, AT), struct.pack("=qq", 2, 500_000), "sleeps 2.5 s at a time"),
        (call("futex", 0, 0x80, 0, AT), struct.pack("=qq", 10, 0), "sleeps 10 s at a time"),
        (call("clock_nanosleep", time.CLOCK_MONOTONIC, 1, AT), struct.pack("=qq", 0, 0), "sleeps for another 0 s"),
        (call("clock_nanosleep", 99, 1, AT), struct.pack("=qq", 0, 0), ""),
        (call("nanosleep", AT), b"", ""),
        (call("connect", 3), b"", ""),
    ],
)
def test_a_timer_is_told_with_its_length_or_its_moment(asked: Call, content: bytes, expected: str) -> None:
    assert (due.told if (due := due_of(asked, memory(content))) else "") == expected
