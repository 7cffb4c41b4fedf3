"""Which loops are known to be idle, by the frames in which their thread waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bisectrix.model.attempt import Frame
from bisectrix.supervise.proof.idle_loops import IDLE_LOOPS, IDLE_SERVERS, IdleLoop, idle_loop_of
from bisectrix.supervise.proof.scene import Due

STDLIB = "/usr/lib/python3.11/"
PACKAGES = "/venv/lib/python3.13t/site-packages/"
DEBIAN = "/usr/lib/python3/dist-packages/"
OUTER = ("threading.py:_bootstrap", "threading.py:_bootstrap_inner", "threading.py:run")
SOON, LATE = Due(0.5, from_now=False), Due(1.5e6, from_now=False)


ALL = [
    *(pytest.param(loop, IDLE_LOOPS, id=loop.frames[0]) for loop in IDLE_LOOPS),
    *(pytest.param(loop, IDLE_SERVERS, id=loop.frames[0]) for loop in IDLE_SERVERS),
]


def frames(*names: str, below: str = STDLIB) -> tuple[Frame, ...]:
    parts = (name.rpartition(":") for name in names)
    return tuple(Frame(file=below + file, function=function, line=1) for file, _, function in parts)


@pytest.mark.parametrize(("loop", "among"), ALL)
@pytest.mark.parametrize("below", [STDLIB, PACKAGES, DEBIAN])
def test_each_loop_is_known_where_it_waits(loop: IdleLoop, among: Sequence[IdleLoop], below: str) -> None:
    assert idle_loop_of(frames(*OUTER, *loop.frames, below=below), LATE, among) == loop.assumption


@pytest.mark.parametrize(("loop", "among"), ALL)
def test_no_loop_is_known_while_it_does_something(loop: IdleLoop, among: Sequence[IdleLoop]) -> None:
    busy = (*loop.frames[:-1], "app.py:handle", loop.frames[-1]) if loop.frames[1:] else (*loop.frames, "app.py:handle")
    assert idle_loop_of(frames(*OUTER, *busy), LATE, among) == ""


@pytest.mark.parametrize(
    "watchdog",
    [
        pytest.param(
            ("threading.py:run", "threading.py:wait", "threading.py:wait"), id="threading.Timer, pytest-timeout"
        ),
        pytest.param(("watchdog/observers/api.py:run", "queue.py:get", "threading.py:wait"), id="watchdog"),
        pytest.param(("subprocess.py:wait", "subprocess.py:_wait"), id="waiting for a child with a limit"),
        pytest.param(("queue.py:get", "threading.py:wait"), id="queue with a limit"),
        pytest.param(("asyncio/base_events.py:_run_once", "selectors.py:select"), id="asyncio timer"),
        pytest.param((), id="no Python frames, as of faulthandler.dump_traceback_later"),
    ],
)
def test_what_acts_when_its_timer_ends_is_never_taken_for_idle(watchdog: tuple[str, ...]) -> None:
    assert idle_loop_of(frames(*OUTER, *watchdog), LATE) == ""
    assert idle_loop_of(frames(*watchdog), SOON) == ""


def test_a_file_of_the_repro_that_is_called_alike_is_not_known() -> None:
    loop = IDLE_LOOPS[0]
    assert idle_loop_of(frames(*loop.frames, below="/home/me/"), SOON) == ""


def test_an_event_loop_is_idle_only_when_its_timer_is_further_than_any_of_a_program() -> None:
    trio = frames("trio/_core/_io_epoll.py:get_events", below=PACKAGES)
    assert idle_loop_of(trio, Due(86400.0, from_now=False))
    assert not idle_loop_of(trio, Due(86399.0, from_now=False))
    assert not idle_loop_of(trio, None)
