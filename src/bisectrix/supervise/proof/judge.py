"""Decides whether anything could still wake a tree; pure.

A tree is dead when none of its threads runs and each wait can be ended only by another thread of the same tree. One
thing that could end one wait from elsewhere, or that is not understood, and nothing is proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bisectrix.model.attempt import ThreadWait
from bisectrix.model.words import OverrunLabel
from bisectrix.supervise.proof.scene import Alarm, Process, Scene, Waiting
from bisectrix.supervise.proof.wakers import (
    Assumes,
    Assumption,
    Explained,
    Inside,
    Kind,
    Outside,
    Unknown,
    Waker,
    explain,
)
from bisectrix.supervise.sample import Identity
from bisectrix.supervise.syscalls import Until

MOST_NAMED = 8
"""Objects of one wait that are told in words; the rest are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proved:
    """Nothing can ever move again."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumed:
    """Nothing can ever move again as long as all of the assumptions hold.

    Attributes:
        private_network: no other process reaches the tree's addresses.
    """

    reason: str
    assumptions: tuple[Assumption, ...]
    private_network: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NotProved:
    """Something could still move.

    Attributes:
        label: what it waits for, where that is known; None where it is not.
        polling: threads in whose timers lies all that is in the way; what they do decides.
        passing: what is in the way may have nothing to do with the tree, and be over at any moment.
    """

    reason: str
    label: OverrunLabel | None = None
    polling: frozenset[Identity] = frozenset()
    passing: bool = False


Verdict: TypeAlias = Proved | Assumed | NotProved


def judge(scene: Scene) -> Verdict:
    """Decide from what was seen."""
    wakers = [*_wakers(scene)]
    for waker in wakers:
        if isinstance(waker, Outside):
            return NotProved(reason=waker.reason, label=waker.label)
    if unknown := [waker for waker in wakers if isinstance(waker, Unknown)]:
        worst = min(unknown, key=lambda waker: waker.passing)
        return NotProved(reason=worst.reason, passing=worst.passing)
    if polling := [thread for thread in scene.threads if _polls(thread) and not thread.idle_loop]:
        due = next((thread for thread in polling if not thread.ran), polling[0])
        return NotProved(
            reason=f"{_name(due)} {_due(due)}",
            label=OverrunLabel.NEXT_WAKE_UP,
            polling=frozenset(thread.identity for thread in polling),
        )
    if not scene.threads:
        return NotProved(reason="no thread is left")
    assumptions = tuple(dict.fromkeys(waker.assumption for waker in wakers if isinstance(waker, Assumes)))
    if assumptions:
        return Assumed(reason=_reason(scene), assumptions=assumptions, private_network=scene.private_network)
    return Proved(reason=_reason(scene))


def waits(scene: Scene) -> tuple[ThreadWait, ...]:
    """Return who waits for whom, in words that a person can check."""
    commands = {process.pid: process.command for process in scene.processes}
    return tuple(_wait(thread, commands.get(thread.pid, ""), scene) for thread in scene.threads)


def _wait(thread: Waiting, command: str, scene: Scene) -> ThreadWait:
    told = _explained(thread, scene)
    rest = [f"and {len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
    return ThreadWait(
        pid=thread.pid,
        tid=thread.tid,
        command=command,
        call=thread.call,
        until=thread.until,
        on="; ".join([*(one.on for one in told[:MOST_NAMED]), *rest]),
        woken_by="; ".join([*dict.fromkeys(one.woken_by for one in told[:MOST_NAMED]), *rest]),
    )


def _wakers(scene: Scene) -> Iterator[Waker]:
    for process in scene.processes:
        yield from _of_process(process)
    for thread in scene.threads:
        if thread.ran and not _polls(thread):
            yield Unknown(f"{_name(thread)} ran")
        if thread.until is Until.RUNNING:
            yield Unknown(f"{_name(thread)} runs")
        if thread.until is Until.UNKNOWN or (thread.until is Until.FOR_EVER and not thread.objects):
            yield Unknown(f"the wait of {_name(thread)} is not understood")
        yield from (told.waker for told in _explained(thread, scene))


def _of_process(process: Process) -> Iterator[Waker]:
    yield from (Outside(stirring, OverrunLabel.NEXT_WAKE_UP) for stirring in process.stirring)
    if process.unreadable:
        yield Unknown(f"process {process.pid} is {process.unreadable}")
    match process.alarm:
        case Alarm.EXPECTED:
            yield Unknown(f"whether an alarm is set in process {process.pid} cannot be seen", passing=True)
        case Alarm.POSSIBLE:
            yield Assumes(Assumption(Kind.ALARM, f"no alarm is set in process {process.pid}"))
        case Alarm.NONE:
            pass


def _explained(thread: Waiting, scene: Scene) -> list[Explained]:
    told = [explain(thing, scene) for thing in thread.objects]
    if thread.idle_loop:
        assumption = Assumption(Kind.IDLE_LOOP, thread.idle_loop)
        told.append(
            Explained("the timer of an idle loop", f"a timer, after which {thread.idle_loop}", Assumes(assumption))
        )
    elif thread.until is Until.TIMER:
        told.append(Explained("a timer", f"its timer: it {_due(thread)}", Inside()))
    return told


def _due(thread: Waiting) -> str:
    return thread.due.told if thread.due else f"wakes by the timer of {thread.call}"


def _polls(thread: Waiting) -> bool:
    return thread.until is Until.TIMER


def _name(thread: Waiting) -> str:
    return f"main thread of {thread.pid}" if thread.tid == thread.pid else f"thread {thread.tid} of {thread.pid}"


def _reason(scene: Scene) -> str:
    """`all 3 threads wait for each other; nothing outside can wake them`."""
    idle = sum(bool(thread.idle_loop) for thread in scene.threads)
    count = len(scene.threads) - idle
    if not count:
        return "only loops that are idle are left; nothing outside can wake them"
    processes = len({thread.pid for thread in scene.threads if not thread.idle_loop})
    where = f" of {processes} processes" if processes > 1 else ""
    beside = f" beside {_count(idle, 'idle loop')}" if idle else ""
    if count == 1:
        return f"its only thread waits for ever{beside}; nothing can wake it"
    threads = "both" if count == 2 else f"all {count}"  # noqa: PLR2004
    return f"{threads} threads{where} wait for each other{beside}; nothing outside can wake them"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
