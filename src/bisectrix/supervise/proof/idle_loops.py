"""Loops that wake by a timer, find nothing to do, and sleep again: known by where their thread waits; pure.

A thread is in such a loop only while its innermost frames are exactly those of the loop's own wait. A loop that is busy
with what it was asked for has others, and a watchdog that ends a program must never stand here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bisectrix.model.attempt import Frame
from bisectrix.supervise.proof.scene import Due

_INSTALLED = re.compile(r".*/lib(?:64)?/python3(?:\.\d+t?)?/(?:(?:site|dist)-packages/)?(?P<file>.+)")
"""Where the standard library and packages lie; a file of the repro that is only called alike lies elsewhere."""

_EVENT_WAIT = ("threading.py:wait", "threading.py:wait")


@dataclass(frozen=True, kw_only=True, slots=True)
class IdleLoop:
    """A loop that is known to be idle where it waits.

    Attributes:
        assumption: what is taken for granted of it, a clause.
        frames: its innermost frames, `file:function`, outermost first.
        at_least_s: the shortest wait that means that it has nothing to do; a shorter one may be a timer of the program.
    """

    assumption: str
    frames: tuple[str, ...]
    at_least_s: float = 0.0


IDLE_LOOPS = (
    IdleLoop(
        assumption="serve_forever only serves its socket",
        frames=("socketserver.py:serve_forever", "selectors.py:select"),
    ),
    IdleLoop(
        assumption="the process of a multiprocessing manager only waits to be asked",
        frames=("multiprocessing/managers.py:serve_forever", *_EVENT_WAIT),
    ),
    IdleLoop(
        assumption="the monitor of tqdm only redraws its bars",
        frames=("tqdm/_monitor.py:run", *_EVENT_WAIT),
    ),
    *(
        IdleLoop(assumption="opentelemetry only exports what was measured", frames=frames)
        for frames in (
            ("opentelemetry/sdk/_shared_internal/__init__.py:worker", *_EVENT_WAIT),
            ("opentelemetry/sdk/metrics/_internal/export/__init__.py:_ticker", *_EVENT_WAIT),
            ("opentelemetry/sdk/trace/export/__init__.py:worker", "threading.py:wait"),
            ("opentelemetry/sdk/_logs/_internal/export/__init__.py:worker", "threading.py:wait"),
        )
    ),
    *(
        IdleLoop(assumption="sentry only sends what was reported", frames=frames)
        for frames in (
            ("sentry_sdk/_batcher.py:_flush_loop", *_EVENT_WAIT),
            ("sentry_sdk/sessions.py:_thread", *_EVENT_WAIT),
            ("sentry_sdk/sessions.py:_thread",),
            ("sentry_sdk/monitor.py:_thread",),
        )
    ),
    IdleLoop(
        assumption="trio wakes once a day, and has no timer of the program",
        frames=("trio/_core/_io_epoll.py:get_events",),
        at_least_s=86400.0,
    ),
    IdleLoop(
        assumption="gevent has no timer of the program",
        frames=("gevent/hub.py:run",),
        at_least_s=1_000_000.0,
    ),
)

IDLE_SERVERS = (
    IdleLoop(
        assumption="only this program asks its fork server of multiprocessing for processes",
        frames=("multiprocessing/forkserver.py:main", "selectors.py:select"),
    ),
)
"""Those that wait for ever for somebody who knows a socket file of theirs."""


def idle_loop_of(frames: Sequence[Frame], due: Due | None, among: Sequence[IdleLoop] = IDLE_LOOPS) -> str:
    """Return what is taken for granted of the loop that a thread waits in; empty when it is none of those known.

    Args:
        frames: of its stack, outermost first, files with their whole path.
        due: when its timer ends the wait, as far as that is known.
        among: those known.
    """
    names = tuple(_name(frame) for frame in frames)
    for loop in among:
        long_enough = not loop.at_least_s or (due is not None and due.seconds >= loop.at_least_s)
        if names[-len(loop.frames) :] == loop.frames and long_enough:
            return loop.assumption
    return ""


def _name(frame: Frame) -> str:
    installed = _INSTALLED.fullmatch(frame.file)
    return f"{installed['file']}:{frame.function}" if installed else ""
