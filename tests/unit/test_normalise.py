"""What differs between two runs goes, what tells failures apart stays."""

from __future__ import annotations

import pytest

from bisectrix.judge.normalise import normalise


@pytest.mark.parametrize(
    ("message", "normal"),
    [
        ("<object object at 0x7f12ab>", "<object object at <address>>"),
        (
            "<Task pending coro=<main() running at /x/y.py:12> wait_for=<Future cb=[<Wakeup object at 0x7f3>()]>>",
            "<Task>",
        ),
        ("<Task-12 waits>", "<Task>"),
        (
            "<_UnixSelectorEventLoop running=True closed=False debug=False> is closed",
            "<_UnixSelectorEventLoop> is closed",
        ),
        ("<socket.socket fd=7, laddr=('127.0.0.1', 41833)>", "<socket.socket>"),
        ("no answer from 127.0.0.1:41833 after 3.0 s", "no answer from 127.0.0.1:# after <duration>"),
        ("http://localhost:4200/api/404: HTTP/1.1 500", "http://localhost:#/api/404: HTTP/1.1 500"),
        ("No such file: '/tmp/tmpab12cd34/x-17/cassette.yaml'", "No such file: '<path>/cassette.yaml'"),
        ("cannot remove /tmp/tmpab12cd34", "cannot remove <path>/<tmp>"),
        ("File exists: '/tmp/storage/f47ac10b-58cc-4372-a567-0e02b2c3d479'", "File exists: '<path>/<tmp>'"),
        ("/usr/lib/python3.11/asyncio/locks.py:213", "asyncio/locks.py:#"),
        ("pid=812, process 7, fd 9, line 14", "pid=#, process #, fd #, line #"),
        ("Task-3 ForkProcess-1:2 ThreadPoolExecutor-0_1 gw0", "Task-# ForkProcess-# ThreadPoolExecutor-# gw#"),
        ("at 2026-01-06T00:00:00.123Z or 12:30:01,5", "at <time> or <time>"),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479 deadbeef12345678", "<uuid> <digest>"),
        ("140023 bytes of 12", "# bytes of 12"),
        ("two\n   lines", "two lines"),
    ],
)
def test_what_varies_becomes_a_placeholder(message: str, normal: str) -> None:
    assert normalise(message) == normal


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 111] Connection refused",
        "takes 2 positional arguments but 3 were given",
        "status 404",
        "utf-8",
        "a < b > c",
    ],
)
def test_what_tells_failures_apart_stays(message: str) -> None:
    assert normalise(message) == message
