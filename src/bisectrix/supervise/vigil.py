"""Watches a command from its start until it ends, or until we know what to say of it."""

from __future__ import annotations

import os
import selectors
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from bisectrix.model.attempt import Blocked, Ending, Limited, Overran, ThreadWait
from bisectrix.model.frames import shorten
from bisectrix.model.words import LimitKind, OverrunLabel
from bisectrix.supervise import watch
from bisectrix.supervise.allowance import Allowance
from bisectrix.supervise.bounds import Bounds
from bisectrix.supervise.containment.interface import Child, Containment
from bisectrix.supervise.history import History
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.output import LineSpotter, Ring
from bisectrix.supervise.proof import prover
from bisectrix.supervise.proof.judge import NotProved
from bisectrix.supervise.sample import Thread, look
from bisectrix.supervise.sampler import Glance, Sampler
from bisectrix.supervise.spinning import BEFORE_S, SpinSamples
from bisectrix.supervise.suite_stage import StageReader, allowed_s
from bisectrix.supervise.surroundings import Surroundings, look_around
from bisectrix.supervise.window import Window, tree_share

TICK_S = 0.25
SPIN_S = 1.0
_CHUNK_BYTES = 1 << 16
_MIB = 1 << 20
_PULSE_S = 0.5
_IDLE_SHARE = 0.05
_BUSY_SHARE = 0.25
_LOOKS_A_WINDOW = 4
"""So that each third of a window, by which a poller is known, has a look of its own."""


class AbandonedError(Exception):
    """The harness has gone or wants no answer any more."""


Tell: TypeAlias = Callable[[str, str], None]
"""Takes the kind of a message and its text."""


class Vigil:
    """One command under watch.

    Attributes:
        ready_at_s: when start-up ended, on the monotonic clock; None before.
        peak_bytes: largest resident size of the whole tree in any look.
    """

    def __init__(self, order: Order, child: Child, contained: Containment, lifeline: int, tell: Tell) -> None:
        """Watch `child` and all that is contained with it; whatever becomes readable on `lifeline` means that the harness let go."""
        self._order = order
        self._contained = contained
        self._tell = tell
        self._lifeline = lifeline
        self._rings = {child.stdout: Ring(), child.stderr: Ring()}
        self._spotters = {stream: LineSpotter(order.ready) for stream in self._rings}
        self._selector = selectors.DefaultSelector()
        for descriptor in (lifeline, child.pidfd, child.stdout, child.stderr):
            self._selector.register(descriptor, selectors.EVENT_READ)
        self.started_at_s = time.monotonic()
        self.ready_at_s: float | None = None
        self._deadline_from_s = self.started_at_s
        self._starting = bool(order.ready) or order.events is not None
        self._events_bytes = 0
        self._bounds = Bounds(order, contained)
        self._suite = StageReader()
        self.peak_bytes = 0
        self._pulse = Pulse.BUSY
        self._looking_around = Allowance()
        self._lively: tuple[Thread, ...] | None = None
        self._sampler = Sampler(contained.pids, bounded=LimitKind.PROCESSES in contained.how.bounds)
        self._history = History(look((child.pid,)), max(order.limits.quiet_s, _PULSE_S, prover.QUIET_S))
        self._spinning = SpinSamples(partial(_shorten_below, (str(order.scratch), str(order.cwd))))
        self._prover = prover.Prover(contained.pids, assume=order.limits.assume, keeper=child.keeper)

    @property
    def waits(self) -> tuple[ThreadWait, ...]:
        """Who waited for whom when last looked at closely; empty when that was never worth it."""
        return self._prover.waits

    @property
    def rings(self) -> tuple[Ring, Ring]:
        """What was read from standard output and standard error."""
        stdout, stderr = self._rings.values()
        return stdout, stderr

    def keep(self) -> Ending:
        """Watch until the main process has ended, a bound is crossed, or nothing can move.

        Raises:
            AbandonedError: the harness let go.
        """
        next_tick_s = self.started_at_s
        while True:
            self._serve(max(0.0, next_tick_s - time.monotonic()))
            ending: Ending | None = self._contained.main or self._output_crossed()
            if ending is None and time.monotonic() >= next_tick_s:
                next_tick_s = time.monotonic() + TICK_S
                ending = self._tick()
            if ending is not None:
                return ending

    def limit_crossed_at_last(self) -> Limited | None:
        """Return the bound that was crossed before the main process ended, unseen by the last look."""
        return self._bounds.crossed_at_last()

    def drain(self) -> None:
        """Read what the pipes still hold; does not wait for those who may hold the other ends."""
        for stream in self._rings:
            while self._read(stream):
                if self._output_crossed() is not None:
                    break

    def _serve(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            if key.fd == self._lifeline:
                raise AbandonedError
            if key.fd in self._rings:
                if not self._read(key.fd):
                    self._selector.unregister(key.fd)
            else:
                self._contained.collect()

    def _read(self, stream: int) -> bool:
        """Read once; false at the end of the stream, or when there is nothing to read now."""
        try:
            chunk = os.read(stream, _CHUNK_BYTES)
        except BlockingIOError:
            return False
        if chunk:
            self._history.note("output", time.monotonic())
            self._rings[stream].feed(chunk)
            self._spotters[stream].feed(chunk)
            if self._starting and self._spotters[stream].seen:
                self._mark()
        return bool(chunk)

    def _mark(self) -> None:
        """Restart the deadline; the first time, start-up is over."""
        self._deadline_from_s = time.monotonic()
        self._tell("mark", "")
        if self._starting:
            self._starting = False
            self.ready_at_s = self._deadline_from_s
            self._tell("pulse", Pulse.READY)

    def _tick(self) -> Ending | None:
        self._tell("alive", "")
        self._contained.collect()
        self._read_events()
        now = self._sampler.glance(self._longest_pause_s)
        self.peak_bytes = max(self.peak_bytes, now.extent.resident_bytes)
        if now.look is not None:
            self._history.add(now.look)
            self._tell_pulse()
        if self._left_s <= BEFORE_S:
            self._spinning.consider(self._history.window(SPIN_S))
        ending = self._contained.main or self._bounds.crossed(now) or self._verdict(now)
        if ending is not None:
            self._contained.collect()  # it may have ended by itself while we looked
        return self._contained.main or ending

    def _read_events(self) -> None:
        """Follow what the suite tells; each event is progress."""
        if self._order.events is None:
            return
        chunk = _content_from(self._order.events, self._events_bytes)
        if chunk:
            self._events_bytes += len(chunk)
            self._suite.feed(chunk)
            self._history.note("test events", time.monotonic())
            self._mark()

    def _tell_pulse(self) -> None:
        """Tell idle and busy with room between them, so that a cell at the border does not flicker."""
        window = self._history.window(_PULSE_S)
        if window.length_s < _PULSE_S:
            return
        share = tree_share(window)
        pulse = Pulse.IDLE if share < _IDLE_SHARE else Pulse.BUSY if share > _BUSY_SHARE else self._pulse
        if pulse is not self._pulse:
            self._pulse = pulse
            self._tell("pulse", pulse)

    def _output_crossed(self) -> Limited | None:
        allowed_mib = self._order.limits.output_mib
        if all(ring.size_bytes <= allowed_mib * _MIB for ring in self._rings.values()):
            return None
        return Limited(limit=LimitKind.OUTPUT, detail=f"one stream said more than {allowed_mib} MiB")

    def _verdict(self, now: Glance) -> Blocked | Overran | None:
        early = None if now.look is None else self._proved() or self._early_verdict(now.pids)
        return early or self._verdict_at_deadline()

    def _proved(self) -> Blocked | None:
        """Claim what is proved at once, and what needs assumptions after the quiet time."""
        quiet_s = self._order.limits.quiet_s
        window = self._history.window(prover.QUIET_S)
        if window.length_s < prover.QUIET_S:
            return None
        long = self._history.window(quiet_s)
        if long.length_s >= quiet_s and watch.woken_by_timers(long) is not None:
            return self._prover.claim(long if quiet_s > prover.QUIET_S else window, patient=True)
        return self._prover.claim(window)

    def _early_verdict(self, pids: tuple[int, ...]) -> Blocked | None:
        """Claim a stall after the quiet time; a second look confirms that nothing moved while we looked around."""
        quiet_s = self._order.limits.quiet_s
        window = self._history.window(quiet_s)
        if window.length_s < quiet_s or self._woken_from_outside() or not self._may_stall(window):
            return None
        if not self._looking_around.allows(self._longest_pause_s):
            return None
        around = self._looking_around.spend(partial(look_around, pids))
        window = self._history.window(quiet_s, look(self._contained.pids()))
        stalled = watch.early(window, around)
        return stalled and (self._prover.claim(window, patient=True, now=True) or self._unproved(stalled))

    def _may_stall(self, window: Window) -> bool:
        """Say whether it stalls as far as its threads tell; the same threads tell the same again."""
        threads = window.last.threads
        if threads is window.first.threads is self._lively:
            return False
        stalls = watch.early(window, Surroundings()) is not None
        self._lively = None if stalls or window.progress else threads
        return stalls

    def _verdict_at_deadline(self) -> Blocked | Overran | None:
        if self._left_s > 0:
            return None
        pids, within_s = self._contained.pids(), self._allowed_s
        window = self._history.window(self._window_s, look(pids))
        verdict = self._prover.claim(window, patient=True, now=True) or self._labelled(window, pids)
        if self._starting and isinstance(verdict, Overran):
            return replace(verdict, detail=f"not ready after {within_s:g} s: {verdict.detail}")
        return verdict

    @property
    def _allowed_s(self) -> float:
        limits = self._order.limits
        if self._order.events is not None:
            return allowed_s(self._suite.stage, limits)
        return limits.startup_s if self._starting else limits.deadline_s

    @property
    def _window_s(self) -> float:
        """How far back to look when the time is over: not to the start, when everything ran."""
        within_s, quiet_s = self._allowed_s, self._order.limits.quiet_s
        return min(within_s, max(prover.QUIET_S, min(quiet_s, within_s / 2)))

    @property
    def _longest_pause_s(self) -> float:
        return self._window_s / _LOOKS_A_WINDOW

    @property
    def _left_s(self) -> float:
        return self._deadline_from_s + self._allowed_s - time.monotonic()

    def _labelled(self, window: Window, pids: tuple[int, ...]) -> Blocked | Overran:
        verdict = watch.at_deadline(window, look_around(pids))
        match verdict, self._prover.last:
            case Blocked(), _:
                return self._woken_from_outside() or self._unproved(verdict)
            case Overran(label=OverrunLabel.NEXT_WAKE_UP), NotProved(label=OverrunLabel.NEXT_WAKE_UP, reason=reason):
                return replace(verdict, detail=reason)
            case Overran(label=OverrunLabel.SPINNING, detail=detail), _ if self._spinning.told:
                return replace(verdict, detail=f"{detail}; {self._spinning.told}")
        return verdict

    def _unproved(self, stalled: Blocked) -> Blocked:
        """Say why there is no proof, where one was looked for."""
        match self._prover.last:
            case NotProved(reason=reason):
                return replace(stalled, lacks=reason)
            case _:
                return stalled

    def _woken_from_outside(self) -> Overran | None:
        """Return what is known to be able to wake the tree, polling aside."""
        match self._prover.last:
            case NotProved(reason=reason, label=OverrunLabel() as label, polling=polling) if not polling:
                return Overran(label=label, detail=reason)
            case _:
                return None


def _content_from(file: Path, offset_bytes: int) -> bytes:
    """Return the next bytes of a regular file; none of anything that the program put in its place."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, _MIB, offset_bytes) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)


def _shorten_below(roots: tuple[str, ...], file: str) -> str:
    return shorten(file, *roots)
