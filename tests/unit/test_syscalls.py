"""What a line of a `syscall` file says about the end of a wait."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bisectrix.supervise.syscalls import Until, Wait, call_of, wait_of

STACK = "0x7ffd 0x7fe8"
MINUS_ONE = "0xffffffffffffffff"
INT_MINUS_ONE = "0xffffffff"


@pytest.mark.parametrize(
    ("line", "wait"),
    [
        (f"202 0x1 0x80 0x0 0x0 0x0 0x0 {STACK}", Wait("futex", Until.FOR_EVER)),
        (f"202 0x1 0x189 0x0 0x0 0x0 0x0 {STACK}", Wait("futex", Until.FOR_EVER)),
        (f"202 0x1 0x189 0x0 0x7ff0 0x0 0x0 {STACK}", Wait("futex", Until.TIMER)),
        (f"202 0x1 0x81 0x0 0x0 0x0 0x0 {STACK}", Wait("futex", Until.UNKNOWN)),
        (f"232 0x3 0x1 0x2 {INT_MINUS_ONE} 0x0 0x8 {STACK}", Wait("epoll_wait", Until.FOR_EVER)),
        (f"281 0x3 0x1 0x2 {MINUS_ONE} 0x0 0x8 {STACK}", Wait("epoll_pwait", Until.FOR_EVER)),
        (f"232 0x3 0x1 0x2 0x0 0x0 0x8 {STACK}", Wait("epoll_wait", Until.TIMER)),
        (f"232 0x3 0x1 0x2 0x1f4 0x0 0x8 {STACK}", Wait("epoll_wait", Until.TIMER)),
        (f"7 0x3 0x1 {INT_MINUS_ONE} 0x0 0x0 0x0 {STACK}", Wait("poll", Until.FOR_EVER)),
        (f"270 0x4 0x1 0x0 0x0 0x0 0x0 {STACK}", Wait("pselect6", Until.FOR_EVER)),
        (f"270 0x4 0x1 0x0 0x0 0x7ff0 0x0 {STACK}", Wait("pselect6", Until.TIMER)),
        (f"0 0x3 0x1 0x2 0x0 0x0 0x0 {STACK}", Wait("read", Until.FOR_EVER)),
        (f"61 {MINUS_ONE} 0x0 0x0 0x0 0x0 0x0 {STACK}", Wait("wait4", Until.FOR_EVER)),
        (f"72 0x3 0x7 0x0 0x0 0x0 0x0 {STACK}", Wait("fcntl", Until.FOR_EVER)),
        (f"72 0x3 0xffffffff00000007 0x0 0x0 0x0 0x0 {STACK}", Wait("fcntl", Until.FOR_EVER)),
        (f"72 0x3 0x4 0x0 0x0 0x0 0x0 {STACK}", Wait("fcntl", Until.UNKNOWN)),
        (f"230 0x0 0x0 0x1 0x0 0x0 0x0 {STACK}", Wait("clock_nanosleep", Until.TIMER)),
        (f"42 0x3 0x1 0x10 0x0 0x0 0x0 {STACK}", Wait("connect", Until.TIMER)),
        (f"219 0x0 0x0 0x0 0x0 0x0 0x0 {STACK}", Wait("", Until.UNKNOWN)),
        (f"-1 {STACK}", Wait("", Until.UNKNOWN)),
        ("running", Wait("", Until.RUNNING)),
        ("", Wait("", Until.UNKNOWN)),
    ],
)
def test_a_wait_is_read_with_its_timeout(line: str, wait: Wait) -> None:
    assert wait_of(line, "x86_64") == wait


def test_numbers_are_those_of_the_machine() -> None:
    line = f"98 0x1 0x80 0x0 0x0 0x0 0x0 {STACK}"
    assert wait_of(line, "aarch64") == Wait("futex", Until.FOR_EVER)
    assert wait_of(line, "riscv64") == Wait("", Until.UNKNOWN)


HEADERS = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}
DEFINED = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)


@pytest.mark.parametrize("machine", HEADERS)
def test_each_known_number_is_that_of_the_kernels_own_header(machine: str) -> None:
    header = Path("/usr/include", HEADERS[machine])
    if not header.is_file():
        pytest.skip("the headers of the kernel are not installed")
    names = {int(number): name for name, number in DEFINED.findall(header.read_text())}
    known = {n: call.name for n in names if (call := call_of(f"{n} 0x0 0x0 0x0 0x0 0x0 0x0 {STACK}", machine))}
    assert len(known) > 30
    assert known == {number: names[number] for number in known}
