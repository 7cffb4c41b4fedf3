"""Holds an order's processes in namespaces of their own, whose first process is ours: when it dies, all die with it."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress

from bisectrix.model.attempt import Contained, Exited, Limited, Signalled
from bisectrix.model.words import Network
from bisectrix.supervise import tree
from bisectrix.supervise.containment.inside import ENDED, PID, Inside, Walls
from bisectrix.supervise.containment.interface import Child, LostError
from bisectrix.supervise.containment.memory import KernelKills
from bisectrix.supervise.linux import become_subreaper
from bisectrix.supervise.order import Order
from bisectrix.supervise.reaper import ending_of
from bisectrix.supervise.spawn import Pipes, Recruit

_END_WITHIN_S = 15.0


class Namespaces:
    """The processes of one order in namespaces of pids, mounts, shared memory and, where wanted, network."""

    def __init__(self, how: Contained, walls: Walls, network: Network, doors: tuple[int, ...] = ()) -> None:
        """Make them behind `walls`, with a recruit that announces itself at each of `doors` and waits for an order."""
        become_subreaper()
        self._first = 0
        self._first_handle = self._lifeline = self._reports = -1
        self._recruit = self._enter(walls, network, doors)
        self._kills = KernelKills()
        self.how = how
        self.main: Exited | Signalled | None = None
        self.cpu_s = self.counted_cpu_s = 0.0
        self.peak_bytes = 0
        self.left = ()  # all goes with the namespaces

    def start(self, order: Order) -> Child:
        """Have the recruit become the command."""
        self._kills = KernelKills()
        os.set_blocking(self._reports, False)
        return self._recruit.start(order)

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
        """Kill the first process; it ends when the kernel has ended all others."""
        if self._has_ended():
            return True
        signal.pidfd_send_signal(self._first_handle, signal.SIGKILL)
        select.select([self._first_handle], [], [], _END_WITHIN_S)
        return self._has_ended()

    def _enter(self, walls: Walls, network: Network, doors: tuple[int, ...]) -> Recruit:
        """Start the first process of the namespaces, and the recruit as its child."""
        pipes = Pipes.open()
        lifeline_end, self._lifeline = os.pipe()
        self._reports, reports_end = os.pipe()
        porter = os.fork()
        if porter == 0:
            Inside(walls, network, doors, pipes, lifeline_end, reports_end).carry()
        for end in (lifeline_end, reports_end):
            os.close(end)
        pipes.close_ends()
        os.waitpid(porter, 0)
        pid = self._await_recruit()
        return Recruit(pid, os.pidfd_open(pid) if pid else -1, pipes)

    def _await_recruit(self) -> int:
        """Learn the pids of the first process and of the recruit; 0 when there is none."""
        answer = os.read(self._reports, PID.size)
        if not answer:
            return 0
        self._first = PID.unpack(answer)[0]
        self._first_handle = os.pidfd_open(self._first)
        with suppress(BrokenPipeError):  # it may have been killed
            os.write(self._lifeline, b"!")
        return next(tree.children(self._first), 0) if os.read(self._reports, 1) else 0

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
