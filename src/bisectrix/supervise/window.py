"""Two looks at the same tree, and what ran between them; pure.

Costs what has run: a thread that has not is the same value in both looks, and so are all of a tree that stands still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bisectrix.supervise.sample import Identity, Look, Thread
from bisectrix.supervise.syscalls import Until

POLLER_SHARE = 0.02
"""A thread that a timer wakes 20 times a second for 1 ms each; healthy work takes far more."""

POLLER_PARTS = 3
"""A poller runs in each third of a window; in fewer, it may only just have begun a sleep that matters."""

FOR_EVER = frozenset({Until.FOR_EVER, Until.STOPPED})

_NS = 1e9
_SHORTEST_S = 1e-3


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One thread that ran within a window.

    Attributes:
        share: how much of a core it used.
        wanted: how much of a core it would have used had one been free; all of it where it never gave one up, be it
            that another machine took the core away for a while, which no clock of ours tells.
    """

    first: Thread
    last: Thread
    is_main: bool
    share: float
    wanted: float

    @property
    def woken_by_timer(self) -> bool:
        """Whether a timer woke it for a moment."""
        return self.share < POLLER_SHARE and Until.TIMER in {self.first.wait.until, self.last.wait.until}

    @property
    def was_woken(self) -> bool:
        """Whether somebody woke it for a moment, and it waits for ever again."""
        return self.share < POLLER_SHARE and self.last.wait.until in FOR_EVER

    @property
    def turn_s(self) -> float:
        """How long it ran each time that it was put on a core, on average."""
        turns = max(self.last.slices - self.first.slices, 1)
        return (self.last.ran_ns - self.first.ran_ns) / _NS / turns


def ran_in(window: Window) -> list[Ran] | None:
    """Return the threads that ran; None when they are not the same threads."""
    pairs = _pairs(window.first.threads, window.last.threads)
    if not pairs:
        return None if pairs is None else []
    is_main = main_threads(window.last)
    window_ns = max(window.length_s, _SHORTEST_S) * _NS
    return [
        Ran(
            first=before,
            last=now,
            is_main=is_main(now),
            share=(now.ran_ns - before.ran_ns) / window_ns,
            wanted=1.0 if _never_rested(before, now) else (now.busy_ns - before.busy_ns) / window_ns,
        )
        for before, now in pairs
        if before.slices != now.slices or before.busy_ns != now.busy_ns
    ]


def tree_share(window: Window) -> float:
    """Return how many cores the tree had work for between the two looks, new threads from their start."""
    if window.first.threads is window.last.threads:
        return 0.0
    before = {thread.identity: thread.busy_ns for thread in window.first.threads}
    used_ns = sum(thread.busy_ns - before.get(thread.identity, 0) for thread in window.last.threads)
    return used_ns / _NS / max(window.length_s, _SHORTEST_S)


def main_threads(look: Look) -> Callable[[Thread], bool]:
    """Return what tells the main thread of a process; where that has ended, any of the others."""
    led = {thread.pid for thread in look.threads if thread.tid == thread.pid}
    return lambda thread: thread.tid == thread.pid or thread.pid not in led


def steady_in(window: Window, of: Iterable[Ran]) -> frozenset[Identity]:
    """Return which threads ran in every part of the window."""
    looks = (window.first, *window.between)
    ends_s = [window.first.at_s + window.length_s * part / POLLER_PARTS for part in range(POLLER_PARTS)]
    cuts = [max((look for look in looks if look.at_s <= end_s), key=lambda look: look.at_s) for end_s in ends_s]
    tids = {each.last.tid for each in of}
    slices = [
        {thread.identity: thread.slices for thread in look.threads if thread.tid in tids}
        for look in (*cuts, window.last)
    ]
    return frozenset(
        identity
        for identity in slices[-1]
        if all(identity in before and before[identity] != after.get(identity) for before, after in pairwise(slices))
    )


def waits_in(window: Window, of: Collection[Ran]) -> Mapping[Identity, set[Until]]:
    """Return what would have ended the waits that threads were seen in."""
    found: defaultdict[Identity, set[Until]] = defaultdict(set)
    tids = {each.last.tid for each in of}
    for look in (window.first, *window.between, window.last):
        for thread in look.threads:
            if thread.tid in tids:
                found[thread.identity].add(thread.wait.until)
    return found


def _never_rested(before: Thread, now: Thread) -> bool:
    return before.rests is not None and before.rests == now.rests


def _pairs(first: Sequence[Thread], last: Sequence[Thread]) -> list[tuple[Thread, Thread]] | None:
    """Pair the threads of two looks that are not the same values in both; None when they are not the same threads."""
    if first is last:
        return []
    if len(first) != len(last):
        return None
    pairs = [(before, now) for before, now in zip(first, last, strict=True) if before is not now]
    if all(before.identity == now.identity for before, now in pairs):
        return pairs
    known = {thread.identity: thread for thread in first}
    if known.keys() != {thread.identity for thread in last}:
        return None
    return [(known[now.identity], now) for now in last]
