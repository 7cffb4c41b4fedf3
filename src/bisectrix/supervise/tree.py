"""Processes that start others while one looks: descendants found, any set of them stopped and killed to the last one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

from bisectrix.supervise import proc

Members: TypeAlias = Callable[[], Sequence[int]]
"""Finds all there are now; what has ended and is not reaped may be among them."""

_NONE: frozenset[int] = frozenset()
_STANDS_STILL = frozenset("TtZX")
_STOP_WITHIN_S = 1.0
_PAUSE_S = 0.001


def children(pid: int) -> Iterator[int]:
    """Yield the children of all threads of a process, zombies among them."""
    for task in proc.names(f"/proc/{pid}/task"):
        yield from map(int, proc.read(f"/proc/{pid}/task/{task}/children").split())


def descendants(pid: int, spare: frozenset[int] = _NONE) -> tuple[int, ...]:
    """Return all descendants of `pid`, parents first, without those in `spare` and theirs."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        new = [child for child in children(waiting.pop()) if child not in spare and child not in found]
        found.extend(new)
        waiting.extend(new)
    return tuple(found)


def stop(members: Members) -> tuple[int, ...]:
    """Stop every process, again and again until a look finds none that could still start another.

    Returns:
        Those that stand still and are no zombies.
    """
    give_up = time.monotonic() + _STOP_WITHIN_S
    while True:
        states = {pid: proc.state(pid) for pid in members()}
        moving = [pid for pid, letter in states.items() if letter and letter not in _STANDS_STILL]
        if not moving or time.monotonic() > give_up:
            return tuple(pid for pid, letter in states.items() if letter and letter not in "ZX")
        send(moving, signal.SIGSTOP)
        time.sleep(_PAUSE_S)


def end(members: Members, reap: Callable[[], object], *, within_s: float = 10.0) -> bool:
    """Kill every process and collect it; stopped first, none of them can start another meanwhile.

    Args:
        members: finds the processes.
        reap: collects every child that has ended, without waiting.
        within_s: longest time to try; only a process stuck in the kernel takes longer.

    Returns:
        Whether nothing is left.
    """
    give_up = time.monotonic() + within_s
    reap()
    if not members():
        return True
    stop(members)
    while left := members():
        if time.monotonic() > give_up:
            return False
        send(left, signal.SIGKILL)
        time.sleep(_PAUSE_S)
        reap()
    reap()  # who does not count zombies finds nobody before the last one is collected
    return True


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Send a signal to each, wherever it has not ended meanwhile."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
