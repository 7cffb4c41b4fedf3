"""Collects what has ended below a process, and adds up what it used."""

from __future__ import annotations

import os
import signal

from bisectrix.model.attempt import Exited, Signalled


class Reaper:
    """Collects every child that has ended, the main process and adopted orphans alike.

    Attributes:
        main: how the main process ended; None while it lives.
        cpu_s: used by everything collected so far, and by what that collected itself.
        peak_bytes: largest resident size of any one of them.
    """

    def __init__(self) -> None:
        """Know no main process yet."""
        self._main_pid = 0
        self.main: Exited | Signalled | None = None
        self.cpu_s = 0.0
        self.peak_bytes = 0

    def expect(self, main_pid: int) -> None:
        """Tell the main process from adopted ones by its pid."""
        self._main_pid = main_pid

    def reap(self) -> None:
        """Collect whatever has ended, without waiting."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.cpu_s += usage.ru_utime + usage.ru_stime
            self.peak_bytes = max(self.peak_bytes, usage.ru_maxrss << 10)
            if pid == self._main_pid:
                self.main = ending_of(status)


def ending_of(status: int) -> Exited | Signalled:
    """Read the status of a process as `wait` gives it."""
    code = os.waitstatus_to_exitcode(status)
    return Exited(code=code) if code >= 0 else Signalled(signal=_signal_name(-code))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
