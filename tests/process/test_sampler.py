"""What a glance at a tree reads again, on processes that do one thing a line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bisectrix.supervise import proc, tree
from bisectrix.supervise.sample import look
from bisectrix.supervise.sampler import Glance, Sampler

WITHIN_S = 30.0

OBEYS = """
import signal, subprocess, sys, threading
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
stay = threading.Event()
for _ in range(int(sys.argv[1])):
    threading.Thread(target=stay.wait, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    if line == "thread\\n":
        threading.Thread(target=stay.wait, daemon=True).start()
    elif line == "child\\n":
        subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
    print("done", flush=True)
"""


class Obedient:
    """A process that begins a thread or a child when told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def members(self) -> tuple[int, ...]:
        return (self.pid, *tree.descendants(self.pid))

    def told(self, line: str = "") -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if line:
            print(line, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        while proc.state(self.pid) == "R":  # the kernel counts what a thread ran when it leaves its core
            time.sleep(0.001)
        return answer


@contextmanager
def obedient(threads: int = 0) -> Iterator[Obedient]:
    argv = (sys.executable, "-c", OBEYS, str(threads))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        obedient = Obedient(process)
        try:
            obedient.told()
            yield obedient
        finally:
            tree.send(tree.descendants(process.pid), signal.SIGKILL)
            process.kill()


def glance_until(sampler: Sampler, seen: Callable[[Glance], bool]) -> Glance:
    give_up = time.monotonic() + WITHIN_S
    while not seen(now := sampler.glance(0.0)):
        assert time.monotonic() < give_up, now
        time.sleep(0.01)
    return now


def still(now: Glance) -> bool:
    return not now.stirred


def test_what_stands_still_is_the_same_value_again_and_what_a_look_at_all_of_it_shows() -> None:
    with obedient(threads=20) as program:
        sampler = Sampler(program.members)
        first = glance_until(sampler, still)
        second = glance_until(sampler, still)
        assert first.look is not None
        assert second.look is not None
        assert second.look.threads is first.look.threads == look((program.pid,)).threads
        assert second.look.at_s > first.look.at_s
        assert second.extent.processes == 1
        assert second.extent.threads == len(first.look.threads) == 21
        assert second.extent.resident_bytes > 1 << 20


def test_a_thread_and_a_child_that_begin_are_seen() -> None:
    with obedient() as program:
        sampler = Sampler(program.members)
        before = glance_until(sampler, still)
        program.told("thread")
        more = glance_until(sampler, lambda now: now.extent.threads == 2)
        assert more.look is not None
        assert before.look is not None
        assert more.look.pids == before.look.pids
        program.told("child")
        family = glance_until(sampler, lambda now: len(now.pids) == 2 and not now.stirred)
        assert family.look is not None
        assert family.look.pids == set(family.pids) == set(program.members())


def test_a_process_that_ends_is_missed_though_its_parent_does_not_notice() -> None:
    with obedient() as program:
        sampler = Sampler(program.members)
        program.told("child")
        family = glance_until(sampler, lambda now: len(now.pids) == 2 and not now.stirred)
        os.kill(family.pids[1], signal.SIGKILL)
        left = glance_until(sampler, lambda now: now.look is not None and now.pids == (program.pid,))
        assert left.stirred
        assert left.look is not None
        assert left.look.pids == {program.pid}


def test_many_threads_are_not_read_at_each_glance_unless_it_has_been_too_long() -> None:
    with obedient(threads=400) as program:
        sampler = Sampler(program.members)
        looks = []
        for _ in range(20):
            program.told("nothing")
            looks.append(sampler.glance(600.0))
        assert all(now.stirred for now in looks)
        assert looks[0].look is not None
        assert looks[-1].look is None
        assert looks[-1].extent.threads == 401
        program.told("nothing")
        now = sampler.glance(0.0)
        assert now.look is not None
        assert len(now.look.threads) == 401


def test_a_search_that_was_put_off_is_made_up_for_though_nothing_runs_any_more() -> None:
    with obedient() as program:

        def costly() -> tuple[int, ...]:
            until_s = time.thread_time() + 0.05
            while time.thread_time() < until_s:
                pass
            return program.members()

        sampler = Sampler(costly, bounded=True)
        glance_until(sampler, lambda now: now.look is not None)
        program.told("child")
        for _ in range(5):
            late = sampler.glance(600.0)
            assert late.pids == (program.pid,)
            assert late.look is None
        found = glance_until(sampler, still)
        assert found.look is not None
        assert found.look.pids == set(program.members())
