"""Waits of CPython 3.11 as an arm64 kernel showed them: lines of `syscall` files and the memory that they point to."""

from __future__ import annotations

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
    Peek,
    asks,
)
from bisectrix.supervise.proof.due import due_of
from bisectrix.supervise.proof.scene import Wants
from bisectrix.supervise.syscalls import Call, Until, Wait, call_of, wait_of


def memory(parts: dict[int, str]) -> Peek:
    return lambda address, length: bytes.fromhex(parts.get(address, ""))[:length]


def call(line: str) -> Call:
    found = call_of(line, "aarch64")
    assert found is not None
    return found


DATA, ROOM = Wants.DATA, Wants.ROOM

FOR_EVER: dict[str, tuple[str, dict[int, str], tuple[Asks, ...]]] = {
    "a lock": (
        "98 0x3ccbfcb0 0x189 0x0 0x0 0x0 0xffffffff 0xffffa1d3c330 0xffffa201e838",
        {},
        (AsksFutex(0x3CCBFCB0, private=True),),
    ),
    "a semaphore between processes": (
        "98 0xffff81c7d000 0x109 0x0 0x0 0x0 0xffffffff 0xfffff1ab2c40 0xffff819de7d4",
        {},
        (AsksFutex(0xFFFF81C7D000, private=False),),
    ),
    "a mutex that lends its priority": (
        "98 0xffffabb81e60 0x86 0x0 0x0 0xffffabb2b150 0xa36258 0xffffab8ce2e0 0xffffabc1e8b0",
        {},
        (AsksFutex(0xFFFFABB81E60, private=True, names_owner=True),),
    ),
    "an event loop": (
        "22 0x3 0xffffb8e447b0 0x1 0xffffffffffffffff 0x0 0x8 0xfffff0d79000 0xffffb8fac0a0",
        {},
        (AsksEpoll(3),),
    ),
    "poll": (
        "73 0xffffb9346430 0x4 0x0 0x0 0x0 0x0 0xffffb920e350 0xffffb98c1c40",
        {0xFFFFB9346430: "0a00000001000000090000000100000005000000010000000700000001000000"},
        tuple(AsksDescriptor(number, DATA) for number in (10, 9, 5, 7)),
    ),
    "poll for all there is": (
        "73 0xffffb08a4190 0x1 0x0 0x0 0x0 0xa361d0 0xffffe4d5ada0 0xffffb0a01bdc",
        {0xFFFFB08A4190: "0300000007000000"},
        (AsksDescriptor(3, DATA), AsksDescriptor(3, ROOM)),
    ),
    "pause": ("73 0x0 0x0 0x0 0x0 0x0 0xa361d0 0xffffc445b1c0 0xffffababbbf0", {}, (AsksSignal("a signal"),)),
    "select": (
        "72 0x4 0xfffffcecf5b0 0x0 0x0 0x0 0x0 0xfffffcecf4a0 0xffff9c1e4980",
        {0xFFFFFCECF5B0: "0800000000000000"},
        (AsksDescriptor(3, DATA),),
    ),
    "sigwait": (
        "137 0xffffcc190650 0xffffcc1904e8 0x0 0x8 0x0 0xa361d0 0xffffcc1904b0 0xffffba8cb678",
        {},
        (AsksSignal("a signal"),),
    ),
    "a child": ("260 0xc0 0xffffe530a2ac 0x0 0x0 0x1 0xa361d0 0xffffe530a240 0xffff993db8e0", {}, (AsksChild(192),)),
    "any child": (
        "260 0xffffffffffffffff 0xffffd142555c 0x0 0x0 0x1 0xa361d0 0xffffd1425500 0xffff8e80b8e0",
        {},
        (AsksChild(0),),
    ),
    "a child by waitid": (
        "95 0x1 0xe1 0xfffff6fc4c50 0x4 0x0 0xa361d0 0xfffff6fc4bd0 0xffffbc1bb9d0",
        {},
        (AsksChild(225),),
    ),
    "a process by its descriptor": (
        "95 0x3 0x5 0xffffef22f7a0 0x4 0x0 0xa361d0 0xffffef22f720 0xffffa69cb9d0",
        {},
        (AsksProcessEnd(5),),
    ),
    "a pipe to read": (
        "63 0x3 0xffffa8ca1580 0x1 0x1 0x0 0xa361d0 0xffffd2c6ae90 0xffffa8d9db88",
        {},
        (AsksDescriptor(3, DATA, blocks=True),),
    ),
    "a full pipe": (
        "64 0x4 0x3e746b40 0x1000 0x1 0x0 0xa361d0 0xffffcbe21ca0 0xffff9a3ddc58",
        {},
        (AsksDescriptor(4, ROOM, blocks=True),),
    ),
    "a connection": (
        "207 0x4 0xffff9ff817f0 0x1 0x0 0x0 0x0 0xfffff38c15d0 0xffffa008e218",
        {},
        (AsksDescriptor(4, DATA, blocks=True),),
    ),
    "a server": (
        "242 0x3 0xffffe9bfe218 0xffffe9bfe1fc 0x80000 0x1 0xa361d0 0xffffe9bfe110 0xffff9a52ea00",
        {},
        (AsksDescriptor(3, DATA, blocks=True),),
    ),
    "flock": ("32 0x4 0x2 0x0 0x1 0x0 0xa361d0 0xffffd9d3a950 0xffff93d6e24c", {}, (AsksLock(4),)),
    "lockf": (
        "25 0x4 0x7 0xffffd1425530 0x92fdb0 0x4 0xffffd14254d0 0xffffd1425470 0xffff8e82e174",
        {},
        (AsksLock(4),),
    ),
    "a named pipe that is opened": (
        "56 0xffffffffffffff9c 0xffff979815b0 0x80000 0x0 0x0 0xa361d0 0xffffd191d920 0xffff97a7d884",
        {0xFFFF979815B0: "66660097ffff0000"},
        (AsksOpening(-100, b"ff"),),
    ),
}

TIMED = {
    "poll": (
        "73 0xffffb7dd4190 0x1 0xffffd18449f0 0x0 0x0 0xa361d0 0xffffd18449f0 0xffffb7f31bdc",
        {0xFFFFD18449F0: "e8030000000000000000000000000000"},
        "sleeps 1000 s at a time",
    ),
    "select": (
        "72 0x4 0xfffff3748560 0x0 0x0 0xfffff3748478 0x0 0xfffff3748450 0xffff92e64980",
        {0xFFFFF3748478: "e8030000000000000065cd1d00000000"},
        "sleeps 1000.5 s at a time",
    ),
    "epoll": (
        "22 0x5 0x2f044d80 0x3ff 0xf4240 0x0 0x8 0xffffef006fc0 0xffffba7ec0a0",
        {},
        "sleeps 1000 s at a time",
    ),
    "sigtimedwait": (
        "137 0xffffd13066f0 0xffffd1306770 0xffffd1306660 0x8 0x0 0xa361d0 0xffffd13065f0 0xffffa888b678",
        {0xFFFFD1306660: "e8030000000000000000000000000000"},
        "sleeps 1000 s at a time",
    ),
}

UNTIL_A_MOMENT = {
    "a lock": (
        "98 0x255a670 0x89 0x0 0xfffff8d168d0 0x0 0xffffffff 0xfffff8d167e0 0xffffa75de7d4",
        {0xFFFFF8D168D0: "5f05000000000000e0cae50400000000"},
        1375.082,
    ),
    "sleep": (
        "115 0x1 0x1 0xffffefc9b620 0x0 0x1 0xfffffffa 0xffffefc9b5c0 0xffffa8886ca4",
        {0xFFFFEFC9B620: "4b0500000000000060bb5a0a00000000"},
        1355.174,
    ),
}


@pytest.mark.parametrize("name", FOR_EVER)
def test_a_wait_for_ever_says_what_it_is_for(name: str) -> None:
    line, parts, expected = FOR_EVER[name]
    assert wait_of(line, "aarch64") == Wait(call(line).name, Until.FOR_EVER)
    assert asks(call(line), memory(parts)) == expected


@pytest.mark.parametrize("name", TIMED)
def test_a_timer_is_told_with_its_length(name: str) -> None:
    line, parts, expected = TIMED[name]
    assert wait_of(line, "aarch64").until is Until.TIMER
    due = due_of(call(line), memory(parts))
    assert due is not None
    assert due.told == expected


@pytest.mark.parametrize("name", UNTIL_A_MOMENT)
def test_a_timer_by_the_clock_ends_at_its_moment(name: str) -> None:
    line, parts, moment_s = UNTIL_A_MOMENT[name]
    assert wait_of(line, "aarch64").until is Until.TIMER
    before_s = time.monotonic()
    due = due_of(call(line), memory(parts))
    assert due is not None
    assert due.from_now
    assert moment_s - time.monotonic() - 0.001 <= due.seconds <= moment_s - before_s + 0.001
