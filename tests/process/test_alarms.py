"""Alarms of processes as the real kernel lists them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bisectrix.supervise.surroundings import alarm_is_set

SLEEPERS = 4
LOOKS = 300
OFTEN = "import time; print(flush=True)\nwhile True: time.sleep(1e-4)"


@pytest.fixture
def busy_timers() -> Iterator[None]:
    """Have timers end all the time."""
    started = [
        subprocess.Popen([sys.executable, "-c", OFTEN], stdout=subprocess.PIPE, text=True) for _ in range(SLEEPERS)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    yield
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def alarm() -> Iterator[None]:
    """Have an alarm set that never ends."""
    signal.setitimer(signal.ITIMER_REAL, 3600)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.usefixtures("busy_timers", "alarm")
def test_an_alarm_is_seen_whatever_other_timers_end_while_they_are_listed() -> None:
    if alarm_is_set() is None:
        pytest.skip("the kernel does not list its timers for us")
    assert [alarm_is_set() for _ in range(LOOKS)] == [True] * LOOKS
