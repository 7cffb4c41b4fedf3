"""Holds an order's processes in namespaces of their own, whose first process is ours: when it dies, all die with it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.supervise import tree
from bisectrix.supervise.containment.inside import ENDED, PID, Inside, Walls
from bisectrix.supervise.containment.interface import Child, LostError
from bisectrix.supervise.containment.memory import KernelKills
from bisectrix.supervise.linux import become_subreaper
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import ending_of
from bisectrix.supervise.spawn import Pipes, cannot_start

_END_WITHIN_S = 5.0
_PAUSE_S = 0.001


class Namespaces:
    """The processes of one order in namespaces of pids, mounts, shared memory and, where wanted, network."""

    def __init__(self, how: Contained, walls: Walls, doors: tuple[int, ...] = ()) -> None:
        """Prepare to start a command behind `walls` that announces itself at each of `doors` first."""
        become_subreaper()
        self._walls = walls
        self._doors = doors
        self._first = 0
        self._lifeline = self._reports = -1
        self._kills = KernelKills()
        self.how = how
        self.main: Exited | Signalled | None = None
        self.cpu_s = self.counted_cpu_s = 0.0
        self.peak_bytes = 0

    def start(self, order: Order) -> Child:
        """Start the first process of the namespaces, and the command as its child."""
        pipes = Pipes.open()
        lifeline_end, self._lifeline = os.pipe()
        self._reports, reports_end = os.pipe()
        porter = os.fork()
        if porter == 0:
            inside = Inside(order, self._walls, self._doors, pipes, lifeline_end, reports_end)
            inside.carry()
        for end in (lifeline_end, reports_end):
            os.close(end)
        pipes.close_ends()
        os.waitpid(porter, 0)
        pid = self._await_start()
        pidfd = os.pidfd_open(pid) if pid else -1
        self._release()
        if complaint := pipes.complaint():
            raise cannot_start(order, complaint)
        os.set_blocking(self._reports, False)
        return pipes.child(pid, pidfd)

    def collect(self) -> None:
        """Read what the first process reports; it reaps for us."""
        self._read_reports()
        if self.main is None and self._has_ended():
            self._read_reports()
            if self.main is None:
                raise LostError("the first process of the cell's namespace, which is ours, was killed")

    def pids(self) -> tuple[int, ...]:
        """Return what descends from the first process, as seen from outside."""
        return tree.descendants(self._first) if self._first else ()

    def limit_crossed(self) -> Limited | None:
        """Blame what the kernel has killed for want of memory."""
        return self._kills.blamed(self.main)

    def stop(self) -> tuple[int, ...]:
        """Stop all processes but the first."""
        return tree.stop(self.pids)

    def end(self) -> bool:
        """Kill the first process; it can be reaped when the kernel has ended all others."""
        give_up = time.monotonic() + _END_WITHIN_S
        while not self._has_ended():
            tree.send((self._first,), signal.SIGKILL)
            if time.monotonic() > give_up:
                return False
            time.sleep(_PAUSE_S)
        return True

    def _await_start(self) -> int:
        """Learn the pids of the first process and of the command, which waits for us; 0 when there is none."""
        answer = os.read(self._reports, PID.size)
        if not answer:
            return 0
        self._first = PID.unpack(answer)[0]
        self._release()
        return next(tree.children(self._first)) if os.read(self._reports, 1) else 0

    def _release(self) -> None:
        """Let whoever waits for us to know it go on; nobody may be left to do so."""
        with suppress(BrokenPipeError):
            os.write(self._lifeline, b"!")

    def _has_ended(self) -> bool:
        """Reap the first process if it has ended; its usage holds that of all others."""
        if self._first:
            pid, _status, usage = os.wait4(self._first, os.WNOHANG)
            if pid == 0:
                return False
            self._first, self.cpu_s = 0, usage.ru_utime + usage.ru_stime
        return True

    def _read_reports(self) -> None:
        with suppress(BlockingIOError):
            while report := os.read(self._reports, ENDED.size):
                is_main, status, cpu_s, peak_bytes = ENDED.unpack(report)
                self.cpu_s += cpu_s
                self.peak_bytes = max(self.peak_bytes, peak_bytes)
                if is_main:
                    self.main = ending_of(status)
