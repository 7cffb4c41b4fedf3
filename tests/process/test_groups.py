"""A control group of the real kernel, of whichever version is there: what it bounds, counts, kills, and that it goes.

Where version 2 has no controllers to give, as beside version 1, the tests of its own files are left out.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.model.repro import Limits
from bisectrix.model.words import LimitKind
from bisectrix.supervise import proc
from bisectrix.supervise.containment.group import Group
from bisectrix.supervise.containment.hierarchies import Hierarchies, dialect
from bisectrix.supervise.containment.machine import explore
from bisectrix.supervise.containment.tasks import most_tasks

LIMITS = Limits(memory_mib=48, processes=32)
WITHIN_S = 60.0
MIB = 1 << 20

FORKS = """
import os, signal
started = []
try:
    for _ in range(1200):
        pid = os.fork()
        if not pid:
            signal.pause()
        started.append(pid)
except BlockingIOError:
    print(len(started) + 1, flush=True)
signal.pause()
"""
DAEMON = """
import os, signal
if not os.fork():
    os.setsid()
    if not os.fork():
        print(os.getpid(), flush=True)
        signal.pause()
    os._exit(0)
signal.pause()
"""


@pytest.fixture(scope="module")
def hierarchies() -> Hierarchies:
    found = explore().hierarchies
    if not found.bounds:
        pytest.skip("no control groups that bound anything can be made here")
    return found


@pytest.fixture
def group(hierarchies: Hierarchies) -> Iterator[Group]:
    made = Group(hierarchies)
    yield made
    made.kill()
    assert made.remove(WITHIN_S)


@pytest.fixture
def unified(hierarchies: Hierarchies, group: Group) -> Path:
    """Return the folder of the group in version 2."""
    if hierarchies.kill not in dict(hierarchies.bounds).values():
        pytest.skip("version 2 bounds nothing here: its controllers belong to version 1, or are not handed down to us")
    return next(folder for folder in group._folders if folder.parent == Path(hierarchies.kill))


def started(group: Group, code: str) -> subprocess.Popen[str]:
    """Start Python code in the group."""
    doors = group.doors()
    joins = f"import os\nfor door in {doors}: os.write(door, b'0')\n"
    process = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", joins + code], stdout=subprocess.PIPE, text=True, pass_fds=doors
    )
    for door in doors:
        os.close(door)
    return process


def test_memory_is_bounded_and_the_crossing_is_told(group: Group) -> None:
    group.bound(LIMITS)
    with started(group, f"kept = bytearray({200 * MIB}); kept[::4096] = b'x' * len(kept[::4096]); input()") as process:
        assert process.wait(WITHIN_S) == -9
    crossed = group.crossed()
    assert crossed is not None
    assert crossed.limit is LimitKind.MEMORY
    assert "more than 48 MiB" in crossed.detail
    assert group.peak_bytes == LIMITS.memory_mib * MIB


@pytest.fixture
def narrow(hierarchies: Hierarchies, group: Group) -> Hierarchies:
    """Return places for groups below one that has little memory."""
    above = group._bounds[LimitKind.MEMORY] / "above"
    above.mkdir()
    if not (above / "memory.limit_in_bytes").exists():
        (above.parent / "cgroup.subtree_control").write_text("+memory")
    bound, *_ = dialect(LimitKind.MEMORY, above).bound
    (above / bound).write_text(str(LIMITS.memory_mib * MIB))
    return replace(hierarchies, kill="", bounds=((LimitKind.MEMORY, str(above)),))


def test_who_is_killed_for_a_group_above_it_is_not_said_to_have_crossed_its_own_bound(narrow: Hierarchies) -> None:
    below = Group(narrow)
    below.bound(replace(LIMITS, memory_mib=4096))
    with started(below, f"kept = bytearray({200 * MIB}); kept[::4096] = b'x' * len(kept[::4096]); input()") as process:
        assert process.wait(WITHIN_S) == -9
    crossed, peak_bytes = below.crossed(), below.peak_bytes
    assert below.remove(WITHIN_S)
    assert crossed is not None
    assert "below the 4096 MiB allowed" in crossed.detail
    assert peak_bytes == 0


def test_a_program_that_stays_within_its_bounds_crosses_none(group: Group) -> None:
    group.bound(LIMITS)
    with started(group, "print(sum(range(1000)))") as process:
        assert process.wait(WITHIN_S) == 0
    assert group.crossed() is None
    assert group.peak_bytes == 0


@pytest.mark.slow
def test_processes_are_bounded_and_the_crossing_is_told(group: Group) -> None:
    group.bound(replace(LIMITS, memory_mib=2048))  # what a thousand Pythons take
    with started(group, FORKS) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == most_tasks(LIMITS)
        crossed = group.crossed()
        group.kill()
    assert crossed is not None
    assert crossed.limit is LimitKind.PROCESSES


def test_all_that_is_in_it_is_killed_whatever_session_it_is_in(group: Group) -> None:
    with started(group, DAEMON) as process:
        assert process.stdout is not None
        daemon = os.pidfd_open(int(process.stdout.readline()))
        group.kill()
        assert select.select([daemon], [], [], WITHIN_S)[0]
        assert process.wait(WITHIN_S) == -9
    os.close(daemon)


def test_time_on_a_core_of_those_that_ended_is_counted(group: Group, hierarchies: Hierarchies) -> None:
    if not hierarchies.kill:
        pytest.skip("version 2, which counts, is not there")
    burns = "import time\nwhile time.process_time() < 0.5: pass"
    with started(group, burns) as process:
        process.wait(WITHIN_S)
    assert group.cpu_s >= 0.3


def test_version_2_is_told_both_bounds_and_leaves_no_way_around_through_swap(group: Group, unified: Path) -> None:
    group.bound(LIMITS)
    written = {name: (unified / name).read_text().strip() for name in ("memory.max", "pids.max")}
    assert written == {"memory.max": str(48 * MIB), "pids.max": str(most_tasks(LIMITS))}
    swap = unified / "memory.swap.max"
    assert not swap.exists() or swap.read_text().strip() == "0"


def test_what_is_frozen_in_version_2_is_killed_all_the_same(group: Group, unified: Path) -> None:
    with started(group, DAEMON) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (unified / "cgroup.freeze").write_text("1")
        give_up = time.monotonic() + WITHIN_S
        while "frozen 1" not in (unified / "cgroup.events").read_text() and time.monotonic() < give_up:
            time.sleep(0.01)
        group.kill()
        assert process.wait(WITHIN_S) == -9
    assert group.remove()
    assert proc.names(str(unified)) == []
