"""Decides from two looks at a tree whether it stands still, and what to call that; pure.

A hang is a claim: nothing is said of a thread that could not be read, or that a timer will wake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from bisectrix.model.attempt import Blocked, Overran
from bisectrix.model.words import HangGrade, OverrunLabel
from bisectrix.supervise.sample import Look, Thread
from bisectrix.supervise.surroundings import Surroundings
from bisectrix.supervise.syscalls import Until

POLLER_SHARE = 0.02
"""A thread that a timer wakes 20 times a second for 1 ms each; healthy work takes far more."""

POLLER_PARTS = 3
"""A poller runs in each third of a window; in fewer, it may only just have begun a sleep that matters."""

POLLER_TURN_S = 1e-3
"""Whoever only looks whether something has changed is done in less; a turn at work takes as long as it is let."""

SPINNING_SHARE = 0.8
"""A busy loop has 1.0 by definition; the rest is room for page faults and clock error in a short window."""

_NS = 1e9
_SHORTEST_S = 1e-3
_FOR_EVER = frozenset({Until.FOR_EVER, Until.STOPPED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Two looks at the same tree, and those between them.

    Attributes:
        between: oldest first.
        progress: what showed progress between them, `output`; empty when nothing did.
    """

    first: Look
    last: Look
    between: tuple[Look, ...] = ()
    progress: str = ""

    @property
    def length_s(self) -> float:
        """Time between the two looks."""
        return self.last.at_s - self.first.at_s


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


@dataclass(frozen=True, slots=True)
class _Watched:
    """One thread over the window.

    Attributes:
        share: how much of a core it used.
        wanted: how much of a core it would have used had one been free.
        steady: whether it ran in every part of the window.
        waits: what ended its waits, as far as any look saw it in one.
    """

    first: Thread
    last: Thread
    is_main: bool
    share: float
    wanted: float
    steady: bool
    waits: frozenset[Until]

    @property
    def ran(self) -> bool:
        return self.first.slices != self.last.slices or self.first.busy_ns != self.last.busy_ns

    @property
    def woken_by_timer(self) -> bool:
        return self.ran and self.share < POLLER_SHARE and Until.TIMER in {self.first.wait.until, self.last.wait.until}

    @property
    def polls(self) -> bool:
        return self.steady and self.woken_by_timer

    @property
    def polls_often(self) -> bool:
        """Whether timers wake it for a moment each, be it so often that it uses a good part of a core."""
        turns = max(self.last.slices - self.first.slices, 1)
        turn_s = (self.last.ran_ns - self.first.ran_ns) / _NS / turns
        return self.steady and Until.TIMER in self.waits and not self.waits & _FOR_EVER and turn_s < POLLER_TURN_S

    @property
    def was_woken(self) -> bool:
        return self.ran and self.share < POLLER_SHARE and self.last.wait.until in _FOR_EVER


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
    watched = _watched(window)
    if watched is None:
        return Moving(f"threads came or went in the last {window.length_s:.1f} s")
    moving = _mover(watched)
    if moving:
        return Moving(f"{_name(moving)} ran, {moving.share:.0%} of a core")
    resting = [each for each in watched if not each.ran]
    for each in resting:
        if each.last.wait.until not in _FOR_EVER | {Until.TIMER}:
            return Unreadable(f"{_name(each)} did not run for {window.length_s:.1f} s and its wait could not be read")
    for each in resting:
        if each.last.wait.until is Until.TIMER:
            return Sleeping(f"{_name(each)} sleeps in {each.last.wait.call}, nothing else moves")
    return Frozen(_frozen_reason(window, watched)) if watched else Unreadable("no thread could be read")


def woken_by_timers(window: Window) -> frozenset[tuple[int, int, int]] | None:
    """Return the threads that ran, all of which a timer woke and sent back to sleep; None when anything else moved."""
    watched = None if window.progress else _watched(window)
    if not watched or any(each.ran and not each.woken_by_timer for each in watched):
        return None
    return frozenset(each.last.identity for each in watched if each.ran)


def busiest_process(window: Window) -> tuple[int, float] | None:
    """Return the process that had most to do, and how much of a core; None when threads came or went."""
    watched = _watched(window)
    return _busiest_process(watched) if watched else None


def tree_share(window: Window) -> float:
    """Return how many cores the tree had work for between the two looks, new threads from their start."""
    before = {thread.identity: thread.busy_ns for thread in window.first.threads}
    used_ns = sum(thread.busy_ns - before.get(thread.identity, 0) for thread in window.last.threads)
    return used_ns / _NS / max(window.length_s, _SHORTEST_S)


def _watched(window: Window) -> list[_Watched] | None:
    """Pair the threads of the two looks; None when they are not the same threads."""
    first = {thread.identity: thread for thread in window.first.threads}
    last = {thread.identity: thread for thread in window.last.threads}
    if first.keys() != last.keys():
        return None
    led = {thread.pid for thread in window.last.threads if thread.tid == thread.pid}
    steady, waits = _steady(window), _waits(window)
    window_ns = max(window.length_s, _SHORTEST_S) * _NS
    return [
        _Watched(
            first=before,
            last=now,
            is_main=now.tid == now.pid or now.pid not in led,
            share=(now.ran_ns - before.ran_ns) / window_ns,
            wanted=(now.busy_ns - before.busy_ns) / window_ns,
            steady=now.identity in steady,
            waits=frozenset(waits[now.identity]),
        )
        for before, now in ((first[identity], last[identity]) for identity in last)
    ]


def _steady(window: Window) -> frozenset[tuple[int, int, int]]:
    """Return the identities of the threads that ran in every part of the window."""
    looks = (window.first, *window.between)
    ends_s = [window.first.at_s + window.length_s * part / POLLER_PARTS for part in range(POLLER_PARTS)]
    cuts = [max((look for look in looks if look.at_s <= end_s), key=lambda look: look.at_s) for end_s in ends_s]
    slices = [{thread.identity: thread.slices for thread in look.threads} for look in (*cuts, window.last)]
    return frozenset(
        identity
        for identity in slices[-1]
        if all(identity in before and before[identity] != after.get(identity) for before, after in pairwise(slices))
    )


def _waits(window: Window) -> Mapping[tuple[int, int, int], set[Until]]:
    """Return what would have ended the waits that each thread was seen in."""
    found: defaultdict[tuple[int, int, int], set[Until]] = defaultdict(set)
    for thread in (thread for look in (window.first, *window.between, window.last) for thread in look.threads):
        found[thread.identity].add(thread.wait.until)
    return found


def _mover(watched: list[_Watched]) -> _Watched | None:
    """Return the thread that moved most, of those whose moves polling does not explain."""
    something_polls = any(each.polls and not each.is_main for each in watched)

    def explained(each: _Watched) -> bool:
        return not each.is_main and (each.polls or (each.was_woken and something_polls))

    movers = [each for each in watched if each.ran and not explained(each)]
    return max(movers, key=lambda each: (each.share, each.is_main), default=None)


def _overran_moving(window: Window, reason: str) -> Overran:
    if window.progress:
        return Overran(label=OverrunLabel.PROGRESSING, detail=reason)
    watched = _watched(window)
    if watched is None:
        return Overran(label=OverrunLabel.PROGRESSING, detail=reason)
    pid, share = _busiest_process(watched)
    if share >= SPINNING_SHARE:
        return Overran(
            label=OverrunLabel.SPINNING,
            detail=f"process {pid} wanted {share:.0%} of a core for {window.length_s:.1f} s and printed nothing",
        )
    running = [each for each in watched if each.ran]
    polling = [each for each in running if each.woken_by_timer or each.polls_often]
    if polling and all(each in polling or each.was_woken for each in running):
        return Overran(
            label=OverrunLabel.POLLING,
            detail=f"{reason}; it wakes by timer only: polling for ever or slow, cannot tell",
        )
    return Overran(label=OverrunLabel.PROGRESSING, detail=reason)


def _busiest_process(watched: list[_Watched]) -> tuple[int, float]:
    shares: defaultdict[int, float] = defaultdict(float)
    for each in watched:
        shares[each.last.pid] += each.wanted
    return max(shares.items(), key=lambda item: item[1])


def _stalled(window: Window, reason: str) -> Blocked:
    return Blocked(grade=HangGrade.STALLED, reason=reason, quiet_s=round(window.length_s, 1))


def _frozen_reason(window: Window, watched: list[_Watched]) -> str:
    mains = [each for each in watched if each.is_main]
    calls = ", ".join(each.last.wait.call or each.last.wait.until for each in mains)
    whose = "main thread waits" if len(mains) == 1 else f"main threads of {len(mains)} processes wait"
    pollers = sum(each.ran for each in watched)
    others = f"only {pollers} polling by timer" if pollers else "nothing"
    return f"{whose} for ever ({calls}), {others} ran for {window.length_s:.1f} s"


def _name(each: _Watched) -> str:
    return f"main thread of {each.last.pid}" if each.is_main else f"thread {each.last.tid} of {each.last.pid}"
