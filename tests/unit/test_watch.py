"""What two looks at a tree say, with looks made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bisectrix.model.attempt import Blocked, Overran
from bisectrix.model.words import HangGrade, OverrunLabel
from bisectrix.supervise.sample import Look, Thread
from bisectrix.supervise.surroundings import Surroundings
from bisectrix.supervise.syscalls import Until, Wait
from bisectrix.supervise.watch import at_deadline, early
from bisectrix.supervise.window import Window, tree_share

NOTHING_AROUND = Surroundings()
WAITS = Wait("futex", Until.FOR_EVER)
SLEEPS = Wait("clock_nanosleep", Until.TIMER)
RUNS = Wait("", Until.RUNNING)
UNREADABLE = Wait("", Until.UNKNOWN)

Story = tuple[int, int, Wait, float]
"""Process, thread, what it waits for at the end, and how many seconds it was busy within the window."""


def thread(
    pid: int, tid: int, wait: Wait, *, ran_s: float = 0, queued_s: float = 0, start: int = 1, turn_s: float = 1e-6
) -> Thread:
    return Thread(
        pid=pid,
        tid=tid,
        start=start,
        ran_ns=round(ran_s * 1e9),
        queued_ns=round(queued_s * 1e9),
        slices=round(ran_s / turn_s),
        wait=wait,
    )


def window(*stories: Story, length_s: float = 10.0, progress: str = "", turn_s: float = 1e-6) -> Window:
    def look(part: float) -> Look:
        threads = tuple(
            thread(pid, tid, wait, ran_s=busy_s * part, turn_s=turn_s) for pid, tid, wait, busy_s in stories
        )
        return Look(at_s=100 + length_s * part, threads=threads)

    between = tuple(look(part) for part in (0.25, 0.5, 0.75))
    return Window(first=look(0), last=look(1), between=between, progress=progress)


def test_one_thread_that_waits_for_ever_is_stalled() -> None:
    assert early(window((1, 1, WAITS, 0)), NOTHING_AROUND) == Blocked(
        grade=HangGrade.STALLED,
        reason="main thread waits for ever (futex), nothing ran for 10.0 s",
        quiet_s=10.0,
    )


def test_a_parent_that_waits_for_a_child_that_waits_for_ever_is_stalled() -> None:
    verdict = early(window((1, 1, Wait("wait4", Until.FOR_EVER), 0), (2, 2, WAITS, 0)), NOTHING_AROUND)
    assert isinstance(verdict, Blocked)
    assert verdict.reason == "main threads of 2 processes wait for ever (wait4, futex), nothing ran for 10.0 s"


def test_a_stopped_process_waits_for_ever() -> None:
    assert early(window((1, 1, Wait("", Until.STOPPED), 0)), NOTHING_AROUND) is not None


def test_threads_that_poll_by_timer_change_nothing_nor_does_whom_they_wake() -> None:
    polling = window((1, 1, WAITS, 0), (1, 2, SLEEPS, 0.01), (1, 3, WAITS, 0.01))
    verdict = early(polling, NOTHING_AROUND)
    assert isinstance(verdict, Blocked)
    assert verdict.reason.endswith("only 2 polling by timer ran for 10.0 s")


@pytest.mark.parametrize(
    ("seen", "around"),
    [
        pytest.param(window((1, 1, WAITS, 0.001)), NOTHING_AROUND, id="main thread ran a little"),
        pytest.param(window((1, 1, SLEEPS, 0)), NOTHING_AROUND, id="main thread sleeps"),
        pytest.param(window((1, 1, UNREADABLE, 0)), NOTHING_AROUND, id="unreadable"),
        pytest.param(window((1, 1, WAITS, 0), (1, 2, UNREADABLE, 0)), NOTHING_AROUND, id="other thread unreadable"),
        pytest.param(window((1, 1, WAITS, 0), (1, 2, RUNS, 0)), NOTHING_AROUND, id="runnable but never on a core"),
        pytest.param(window((1, 1, WAITS, 0), (1, 2, SLEEPS, 0)), NOTHING_AROUND, id="long timer in another thread"),
        pytest.param(window((1, 1, WAITS, 0), (1, 2, SLEEPS, 1)), NOTHING_AROUND, id="another thread works"),
        pytest.param(window((1, 1, WAITS, 0), (1, 2, WAITS, 0.01)), NOTHING_AROUND, id="woken by we know not whom"),
        pytest.param(window((1, 1, WAITS, 0), (2, 2, SLEEPS, 0.01)), NOTHING_AROUND, id="main of a child polls"),
        pytest.param(window((1, 1, WAITS, 0), progress="output"), NOTHING_AROUND, id="printed"),
        pytest.param(window((1, 1, WAITS, 0)), Surroundings(outside=("192.0.2.1:443",)), id="peer outside"),
        pytest.param(window((1, 1, WAITS, 0)), Surroundings(timers=("POSIX timer of 1",)), id="timer set"),
        pytest.param(window((1, 1, WAITS, 0)), Surroundings(alarms=("SIGALRM handler of 1",)), id="alarm perhaps"),
        pytest.param(window(), NOTHING_AROUND, id="no thread"),
    ],
)
def test_anything_that_could_still_move_forbids_an_early_claim(seen: Window, around: Surroundings) -> None:
    assert early(seen, around) is None


def test_a_thread_that_ran_once_may_have_begun_a_sleep_that_matters() -> None:
    polling = window((1, 1, WAITS, 0), (1, 2, SLEEPS, 0.01))
    once = Window(
        first=polling.first,
        last=polling.last,
        between=tuple(replace(polling.last, at_s=at_s) for at_s in (102.0, 105.0)),
    )
    assert early(polling, NOTHING_AROUND) is not None
    assert early(once, NOTHING_AROUND) is None
    assert at_deadline(once, NOTHING_AROUND) == Overran(
        label=OverrunLabel.POLLING,
        detail="thread 2 of 1 ran, 0% of a core; it wakes by timer only: polling for ever or slow, cannot tell",
    )


def test_a_thread_that_came_forbids_an_early_claim() -> None:
    before, after = window((1, 1, WAITS, 0)), window((1, 1, WAITS, 0), (1, 2, WAITS, 0))
    assert early(Window(first=before.first, last=after.last), NOTHING_AROUND) is None


def test_a_thread_number_used_again_is_another_thread() -> None:
    seen = window((1, 1, WAITS, 0))
    again = thread(1, 1, WAITS, start=2)
    last = Look(at_s=110.0, threads=(again,))
    assert early(Window(first=seen.first, last=last), NOTHING_AROUND) is None


@pytest.mark.parametrize(
    ("seen", "around", "label"),
    [
        (window((1, 1, SLEEPS, 0)), NOTHING_AROUND, OverrunLabel.NEXT_WAKE_UP),
        (window((1, 1, WAITS, 0), (1, 2, SLEEPS, 0)), NOTHING_AROUND, OverrunLabel.NEXT_WAKE_UP),
        (window((1, 1, WAITS, 0)), Surroundings(timers=("POSIX timer of 1",)), OverrunLabel.NEXT_WAKE_UP),
        (window((1, 1, WAITS, 0)), Surroundings(outside=("192.0.2.1:443",)), OverrunLabel.OUTSIDE_ADDRESS),
        (window((1, 1, SLEEPS, 0)), Surroundings(outside=("192.0.2.1:443",)), OverrunLabel.OUTSIDE_ADDRESS),
        (window((1, 1, UNREADABLE, 0)), NOTHING_AROUND, OverrunLabel.UNKNOWN),
        (window((1, 1, RUNS, 10)), NOTHING_AROUND, OverrunLabel.SPINNING),
        (window((1, 1, WAITS, 0), (1, 2, RUNS, 4.5), (1, 3, RUNS, 4.5)), NOTHING_AROUND, OverrunLabel.SPINNING),
        (window((1, 1, SLEEPS, 0.1)), NOTHING_AROUND, OverrunLabel.POLLING),
        (window((1, 1, WAITS, 0), (2, 2, SLEEPS, 0.1)), NOTHING_AROUND, OverrunLabel.POLLING),
        (window((1, 1, SLEEPS, 0.7), turn_s=7e-5), NOTHING_AROUND, OverrunLabel.POLLING),
        (window((1, 1, SLEEPS, 3), turn_s=5e-3), NOTHING_AROUND, OverrunLabel.PROGRESSING),
        (window((1, 1, SLEEPS, 0.7), (1, 2, RUNS, 2), turn_s=7e-5), NOTHING_AROUND, OverrunLabel.PROGRESSING),
        (window((1, 1, WAITS, 3), turn_s=7e-5), NOTHING_AROUND, OverrunLabel.PROGRESSING),
        (window((1, 1, RUNS, 10), progress="output"), NOTHING_AROUND, OverrunLabel.PROGRESSING),
    ],
)
def test_at_the_deadline_each_state_has_its_word(seen: Window, around: Surroundings, label: OverrunLabel) -> None:
    verdict = at_deadline(seen, around)
    assert isinstance(verdict, Overran)
    assert verdict.label is label
    assert verdict.detail


@pytest.mark.parametrize("around", [NOTHING_AROUND, Surroundings(alarms=("SIGALRM handler of 1",))])
def test_at_the_deadline_a_frozen_tree_is_stalled_and_a_possible_alarm_is_named(around: Surroundings) -> None:
    verdict = at_deadline(window((1, 1, WAITS, 0)), around)
    assert isinstance(verdict, Blocked)
    assert verdict.reason.endswith(around.alarms or ("10.0 s",))


def test_the_share_of_a_tree_counts_all_its_threads() -> None:
    assert tree_share(window((1, 1, RUNS, 5), (2, 2, RUNS, 10))) == pytest.approx(1.5)


def test_a_busy_machine_makes_nobody_lively_and_hides_no_busy_loop() -> None:
    def crowded(wait: Wait, *, ran_s: float, queued_s: float) -> Window:
        first, last = thread(1, 1, wait), thread(1, 1, wait, ran_s=ran_s, queued_s=queued_s)
        return Window(
            first=Look(at_s=100, threads=(first,)),
            last=Look(at_s=110, threads=(last,)),
        )

    poller = at_deadline(crowded(SLEEPS, ran_s=0.1, queued_s=3), NOTHING_AROUND)
    loop = at_deadline(crowded(RUNS, ran_s=3, queued_s=7), NOTHING_AROUND)
    assert isinstance(poller, Overran)
    assert isinstance(loop, Overran)
    assert (poller.label, loop.label) == (OverrunLabel.POLLING, OverrunLabel.SPINNING)


@pytest.mark.parametrize(("rests", "label"), [((7, 7), OverrunLabel.SPINNING), ((7, 8), OverrunLabel.PROGRESSING)])
def test_who_never_gave_up_its_core_spins_though_part_of_its_time_is_nowhere_to_be_found(
    rests: tuple[int, int], label: OverrunLabel
) -> None:
    first, last = (
        Look(at_s=at_s, threads=(replace(thread(1, 1, RUNS, ran_s=ran_s), rests=many),))
        for at_s, ran_s, many in zip((100, 110), (0, 6), rests, strict=True)
    )
    verdict = at_deadline(Window(first=first, last=last), NOTHING_AROUND)
    assert isinstance(verdict, Overran)
    assert verdict.label is label
