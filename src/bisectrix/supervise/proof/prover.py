"""Says when a deep look is worth its price, takes it, and turns what it found into the claim of a hang."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bisectrix.model.attempt import Blocked, ThreadWait
from bisectrix.model.words import HangGrade
from bisectrix.supervise import tree, watch
from bisectrix.supervise.proof.deep_look import deep_look
from bisectrix.supervise.proof.idle_threads import with_idle_loops, with_idle_servers
from bisectrix.supervise.proof.judge import Assumed, NotProved, Proved, Verdict, judge, waits
from bisectrix.supervise.proof.networks import Networks
from bisectrix.supervise.proof.pauses import Pauses
from bisectrix.supervise.proof.scene import Scene
from bisectrix.supervise.proof.wakers import Kind
from bisectrix.supervise.sample import Identity, Look, look
from bisectrix.supervise.surroundings import alarm_is_set
from bisectrix.supervise.window import Window

QUIET_S = 1.0
"""Long enough for a machine with its hands full to run what is about to run, as nobody can see that it is."""

_MAY_COME_LATE = frozenset({Kind.SIGNAL, Kind.ALARM, Kind.OPENING})
"""Assumptions about what somebody outside may do on purpose, and in his own time: they are given the quiet time."""


class Prover:
    """Proves or fails to prove that one tree can never move again.

    Attributes:
        waits: who waited for whom in the last deep look; empty before one.
        last: what it came to; None when something has moved since.
    """

    def __init__(self, pids: Callable[[], Sequence[int]], *, assume: bool, keeper: int = 0) -> None:
        """Watch a tree.

        Args:
            pids: asked for the processes of the tree.
            assume: make assumptions of any kind at once.
            keeper: a process of ours beside the tree that wakes nobody in it, 0 where there is none but our descendants.
        """
        self._pids = pids
        self._keeper = keeper
        self._assume = assume
        self._networks = Networks()
        self._pauses = Pauses()
        self._was_patient = False
        self.waits: tuple[ThreadWait, ...] = ()
        self.last: Verdict | None = None

    def claim(self, window: Window, *, patient: bool = False, now: bool = False) -> Blocked | None:
        """Claim a hang, or say nothing.

        Args:
            window: in which nothing but timers may have woken anything.
            patient: it has been quiet for so long that assumptions may be made.
            now: look even if that was tried a moment ago.
        """
        ran = watch.woken_by_timers(window)
        if ran is None:
            self._start_over()
            return None
        if window.length_s < QUIET_S:
            return None
        if patient and not self._was_patient:
            self._was_patient = now = True
        if not now and not self._is_worth_a_look():
            return None
        self.last = self._verdict(window, ran)
        self._pauses.begin(time.monotonic(), passing=self._is_held_up)
        return self._blocked(window, patient=patient)

    def _start_over(self) -> None:
        self._pauses, self._was_patient, self.last = Pauses(), False, None
        self.waits = ()

    def _is_worth_a_look(self) -> bool:
        """Whether the pause is over and what held us up is, too; an alarm is, when there is none on this machine."""
        if not self._pauses.is_over(time.monotonic()):
            return False
        if self._is_held_up and alarm_is_set():
            self._pauses.begin(time.monotonic(), passing=True)
            return False
        return True

    @property
    def _is_held_up(self) -> bool:
        """Whether all that was in the way at the last look may be somebody else's alarm."""
        return isinstance(self.last, NotProved) and self.last.passing

    def _verdict(self, window: Window, ran: frozenset[Identity]) -> Verdict | None:
        """Look, and look once more at what ran meanwhile: whatever moved since the window began forbids a claim."""
        scene = self._scene(window.last, ran, window.length_s)
        verdict = judge(scene)
        if isinstance(verdict, NotProved) and verdict.polling:
            scene = with_idle_loops(scene, verdict.polling)
            verdict = judge(scene)
        if isinstance(verdict, Assumed) and any(one.kind is Kind.OPENING for one in verdict.assumptions):
            scene = with_idle_servers(scene)
            verdict = judge(scene)
        self.waits = waits(scene)
        idle = frozenset(thread.identity for thread in scene.threads if thread.idle_loop)
        after = replace(window, last=look(self._pids()))
        ran_since = watch.woken_by_timers(after)
        moved = ran_since is None or not ran_since <= idle
        if isinstance(verdict, NotProved):
            return verdict
        return None if moved or not _same(window.last, after.last, but=idle) else verdict

    def _scene(self, now: Look, ran: frozenset[Identity], quiet_s: float) -> Scene:
        ours = {os.getpid(), self._keeper, *tree.descendants(os.getpid())} - now.pids
        return deep_look(now, ours, self._networks, ran=ran, quiet_s=quiet_s)

    def _blocked(self, window: Window, *, patient: bool) -> Blocked | None:
        match self.last:
            case Proved(reason=reason):
                return Blocked(grade=HangGrade.PROVED, reason=reason, quiet_s=_rounded(window))
            case Assumed(reason=reason, assumptions=assumptions) if patient or self._may_assume(self.last):
                texts = tuple(assumption.text for assumption in assumptions)
                return Blocked(grade=HangGrade.ASSUMED, reason=reason, quiet_s=_rounded(window), assumptions=texts)
            case Assumed() | NotProved() | None:
                return None

    def _may_assume(self, verdict: Assumed) -> bool:
        late = any(assumption.kind in _MAY_COME_LATE for assumption in verdict.assumptions)
        return self._assume or (verdict.private_network and not late)


def _rounded(window: Window) -> float:
    return round(window.length_s, 1)


def _same(before: Look, after: Look, *, but: frozenset[Identity]) -> bool:
    """Say whether each thread still waits as it did, idle loops aside."""
    then, now = (
        {(thread.identity, thread.wait) for thread in look.threads if thread.identity not in but}
        for look in (before, after)
    )
    return then == now
