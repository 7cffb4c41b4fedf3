"""Decides from two looks at a tree whether it stands still, and what to call that; pure.

A hang is a claim: nothing is said of a thread that could not be read, or that a timer will wake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bisectrix.model.attempt import Blocked, Overran
from bisectrix.model.words import HangGrade, OverrunLabel
from bisectrix.supervise.sample import Identity, Thread
from bisectrix.supervise.surroundings import Surroundings
from bisectrix.supervise.syscalls import Until
from bisectrix.supervise.window import FOR_EVER, Ran, Window, main_threads, ran_in, steady_in, waits_in

POLLER_TURN_S = 1e-3
"""Whoever only looks whether something has changed is done in less; a turn at work takes as long as it is let."""

SPINNING_SHARE = 0.8
"""A busy loop has 1.0 by definition; the rest is room for page faults and clock error in a short window."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Every main thread waits for ever and did not run; the others too, or they only polled."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sleeping:
    """Nothing ran, and a timer will end at least one wait."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing is known to have run, and at least one thread could not be read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moving:
    """Something ran."""

    reason: str


Standstill: TypeAlias = Frozen | Sleeping | Unreadable | Moving


def early(window: Window, around: Surroundings) -> Blocked | None:
    """Claim a stall before the deadline, or say nothing."""
    match standstill(window):
        case Frozen(reason) if around == Surroundings():
            return _stalled(window, reason)
        case _:
            return None


def at_deadline(window: Window, around: Surroundings) -> Blocked | Overran:
    """Name what the tree was doing when its time was over."""
    state = standstill(window)
    match state:
        case Frozen(reason) | Sleeping(reason) if around.outside:
            return Overran(
                label=OverrunLabel.OUTSIDE_ADDRESS, detail=f"{reason}; connected to {', '.join(around.outside)}"
            )
        case Frozen(reason) if around.timers:
            return Overran(label=OverrunLabel.NEXT_WAKE_UP, detail=f"{reason}; {', '.join(around.timers)} is set")
        case Frozen(reason):
            return _stalled(window, "; ".join((reason, *around.alarms)))
        case Sleeping(reason):
            return Overran(label=OverrunLabel.NEXT_WAKE_UP, detail=reason)
        case Unreadable(reason):
            return Overran(label=OverrunLabel.UNKNOWN, detail=reason)
        case Moving(reason):
            return _overran_moving(window, reason)


def standstill(window: Window) -> Standstill:
    """Say whether the tree moved between the two looks, and if not, what could still move it."""
    if window.progress:
        return Moving(f"{window.progress} in the last {window.length_s:.1f} s")
    ran = ran_in(window)
    if ran is None:
        return Moving(f"threads came or went in the last {window.length_s:.1f} s")
    mover = _mover(window, ran)
    if mover:
        return Moving(f"{_name(mover.last, is_main=mover.is_main)} ran, {mover.share:.0%} of a core")
    return _resting(window, ran)


def woken_by_timers(window: Window) -> frozenset[Identity] | None:
    """Return the threads that ran, all of which a timer woke and sent back to sleep; None when anything else moved."""
    ran = None if window.progress or not window.last.threads else ran_in(window)
    if ran is None or not all(each.woken_by_timer for each in ran):
        return None
    return frozenset(each.last.identity for each in ran)


def busiest_process(window: Window) -> tuple[int, float] | None:
    """Return the process that had most to do, and how much of a core; None when nothing ran, or threads came or went."""
    return _busiest_process(ran_in(window) or ())


def _mover(window: Window, ran: Sequence[Ran]) -> Ran | None:
    """Return the thread that moved most, of those whose moves polling does not explain."""
    if not ran:
        return None
    steady = steady_in(window, ran)
    polling = {each.last.identity for each in ran if each.woken_by_timer and each.last.identity in steady}
    something_polls = any(each.last.identity in polling and not each.is_main for each in ran)

    def explained(each: Ran) -> bool:
        return not each.is_main and (each.last.identity in polling or (each.was_woken and something_polls))

    movers = [each for each in ran if not explained(each)]
    return max(movers, key=lambda each: (each.share, each.is_main), default=None)


def _resting(window: Window, ran: Sequence[Ran]) -> Standstill:
    """Say what could still move a tree in which at most pollers ran."""
    is_main = main_threads(window.last)
    polling = {each.last.identity for each in ran}
    resting = [thread for thread in window.last.threads if not polling or thread.identity not in polling]
    for thread in resting:
        if thread.wait.until not in FOR_EVER | {Until.TIMER}:
            name = _name(thread, is_main=is_main(thread))
            return Unreadable(f"{name} did not run for {window.length_s:.1f} s and its wait could not be read")
    for thread in resting:
        if thread.wait.until is Until.TIMER:
            name = _name(thread, is_main=is_main(thread))
            return Sleeping(f"{name} sleeps in {thread.wait.call}, nothing else moves")
    mains = [thread for thread in window.last.threads if is_main(thread)]
    return Frozen(_frozen_reason(window, mains, len(ran))) if mains else Unreadable("no thread could be read")


def _overran_moving(window: Window, reason: str) -> Overran:
    if window.progress:
        return Overran(label=OverrunLabel.PROGRESSING, detail=reason)
    ran = ran_in(window)
    busiest = _busiest_process(ran or ())
    if not ran or busiest is None:
        return Overran(label=OverrunLabel.PROGRESSING, detail=reason)
    pid, share = busiest
    if share >= SPINNING_SHARE:
        return Overran(
            label=OverrunLabel.SPINNING,
            detail=f"process {pid} wanted {share:.0%} of a core for {window.length_s:.1f} s and printed nothing",
        )
    polling = _polling(window, ran)
    if polling and all(each in polling or each.was_woken for each in ran):
        return Overran(
            label=OverrunLabel.POLLING,
            detail=f"{reason}; it wakes by timer only: polling for ever or slow, cannot tell",
        )
    return Overran(label=OverrunLabel.PROGRESSING, detail=reason)


def _polling(window: Window, ran: Sequence[Ran]) -> list[Ran]:
    """Return the threads that timers wake for a moment each, be it so often that they use a good part of a core."""
    steady, waits = steady_in(window, ran), waits_in(window, ran)

    def often(each: Ran) -> bool:
        until = waits[each.last.identity]
        is_timed = Until.TIMER in until and not until & FOR_EVER
        return each.last.identity in steady and is_timed and each.turn_s < POLLER_TURN_S

    return [each for each in ran if each.woken_by_timer or often(each)]


def _busiest_process(ran: Sequence[Ran]) -> tuple[int, float] | None:
    shares: defaultdict[int, float] = defaultdict(float)
    for each in ran:
        shares[each.last.pid] += each.wanted
    return max(shares.items(), key=lambda item: item[1], default=None)


def _stalled(window: Window, reason: str) -> Blocked:
    return Blocked(grade=HangGrade.STALLED, reason=reason, quiet_s=round(window.length_s, 1))


def _frozen_reason(window: Window, mains: Sequence[Thread], pollers: int) -> str:
    calls = ", ".join(thread.wait.call or thread.wait.until for thread in mains)
    whose = "main thread waits" if len(mains) == 1 else f"main threads of {len(mains)} processes wait"
    others = f"only {pollers} polling by timer" if pollers else "nothing"
    return f"{whose} for ever ({calls}), {others} ran for {window.length_s:.1f} s"


def _name(thread: Thread, *, is_main: bool) -> str:
    return f"main thread of {thread.pid}" if is_main else f"thread {thread.tid} of {thread.pid}"
