"""One attempt of a program: the word, the verdict against the declared bug, and the line that says why."""

from __future__ import annotations

import pytest

from bisectrix.judge.attempt import judge
from bisectrix.model.attempt import Blocked, Ending, Execution, Exited, Limited, Overran, Signalled, Signature
from bisectrix.model.repro import Bug
from bisectrix.model.words import BugKind, HangGrade, LimitKind, Outcome, OverrunLabel, Verdict
from support.seen import PLACES, execution, task, thread

STALLED = Blocked(grade=HangGrade.STALLED, reason="main thread waits for ever (epoll_wait)", quiet_s=3.0)
POLLING = Overran(label=OverrunLabel.POLLING, detail="polling for ever or slow, cannot tell")
HANG = Bug(kind=BugKind.HANG)
POOL = Bug(kind=BugKind.HANG, stack=("vcr/stubs/httpcore_stubs.py", "connection_pool.py:wait_for_connection"))

FAILED = 'Traceback (most recent call last):\n  File "/w/app.py", line 3, in run\n    x()\nValueError: bad\n'


def raises(pattern: str = "", *stack: str) -> Bug:
    return Bug(kind=BugKind.RAISES, pattern=pattern, stack=stack)


def test_a_hang_in_the_declared_stack_is_bad_and_says_where() -> None:
    judged = judge(POOL, execution(STALLED, chains=(task(*PLACES),)))
    assert (judged.outcome, judged.verdict) == (Outcome.HANG, Verdict.BAD)
    assert judged.summary == (
        "hang, stalled after 3.0 s: main task waits in wait_for_connection (httpcore/_async/connection_pool.py)"
    )
    assert [frame.function for frame in judged.chain] == [
        *("main", "_send_single_request", "_inner", "_vcr_request", "wait_for_connection", "wait")
    ]
    assert judged.signature is not None
    assert judged.signature.head == "httpcore/_async/connection_pool.py:wait_for_connection"
    assert judged.signature.frames[-2:] == (
        "httpcore/_async/connection_pool.py:wait_for_connection",
        "asyncio/locks.py:wait",
    )


def test_a_hang_elsewhere_is_no_evidence() -> None:
    judged = judge(POOL, execution(STALLED, chains=(thread(("app.py", "<module>"), ("threading.py", "join")),)))
    assert (judged.outcome, judged.verdict) == (Outcome.HANG, Verdict.SKIP)
    assert judged.summary == "hang, stalled after 3.0 s: main thread waits in <module> (app.py)"


def test_a_hang_without_chains_gives_the_reason() -> None:
    judged = judge(HANG, execution(STALLED))
    assert judged.verdict is Verdict.BAD
    assert judged.summary == "hang, stalled after 3.0 s: main thread waits for ever (epoll_wait)"


def test_an_assumption_is_named() -> None:
    assumed = Blocked(
        grade=HangGrade.ASSUMED,
        reason="nothing can wake it",
        quiet_s=1.3,
        assumptions=("nobody connects to 127.0.0.1:41833", "no alarm is set in process 7"),
    )
    claim = "nothing can wake it, assuming nobody connects to 127.0.0.1:41833 and no alarm is set in process 7"
    judged = judge(HANG, execution(assumed, chains=(task(("app.py", "main")),)))
    assert judged.summary == f"hang, assumed after 1.3 s: main task waits in main (app.py); {claim}"
    assert judge(HANG, execution(assumed)).summary == f"hang, assumed after 1.3 s: {claim}"


def test_a_proof_is_told_with_the_place() -> None:
    proved = Blocked(grade=HangGrade.PROVED, reason="both threads wait for each other", quiet_s=1.3)
    judged = judge(HANG, execution(proved, chains=(task(("app.py", "main")),)))
    assert (
        judged.summary == "hang, proved after 1.3 s: main task waits in main (app.py); both threads wait for each other"
    )


def test_a_timeout_is_no_hang_unless_the_bug_accepts_it() -> None:
    judged = judge(HANG, execution(POLLING))
    assert (judged.outcome, judged.verdict) == (Outcome.TIMEOUT, Verdict.SKIP)
    assert judged.summary == "timeout, polling: polling for ever or slow, cannot tell"
    assert judged.signature == Signature(kind=Outcome.TIMEOUT, head="polling", frames=())
    accepting = Bug(kind=BugKind.HANG, accept=(OverrunLabel.POLLING,))
    judged = judge(accepting, execution(POLLING))
    assert (judged.outcome, judged.verdict) == (Outcome.HANG, Verdict.BAD)
    other = Overran(label=OverrunLabel.PROGRESSING, detail="12 lines")
    assert judge(accepting, execution(other)).verdict is Verdict.SKIP


def test_one_bug_can_show_as_a_hang_or_as_a_failure_that_the_pattern_describes() -> None:
    failed = execution(Exited(code=1), stderr=FAILED.replace("ValueError: bad", "httpx.PoolTimeout"))
    assert judge(POOL, failed).verdict is Verdict.SKIP
    assert judge(Bug(kind=BugKind.HANG, stack=POOL.stack, pattern="PoolTimeout"), failed).verdict is Verdict.BAD


def test_a_pass_is_good_and_leftovers_are_named() -> None:
    judged = judge(HANG, execution())
    assert (judged.outcome, judged.verdict, judged.summary) == (Outcome.PASS, Verdict.GOOD, "pass")
    assert (judged.signature, judged.chain) == (None, ())
    assert judge(HANG, execution(leaked=("sleep 600",))).summary == "pass, leaked 1 process: sleep 600"
    six = tuple("abcdef")
    assert judge(HANG, execution(leaked=six)).summary == "pass, leaked 6 processes: a; b; c; d and 2 more"
    both = ("sleep 600", "ipc: message queue mail, removed")
    assert judge(HANG, execution(leaked=both)).summary == (
        "pass, leaked 1 process and 1 object: sleep 600; message queue mail, removed"
    )


def test_a_warning_with_a_traceback_does_not_spoil_a_pass() -> None:
    judged = judge(HANG, execution(stderr=FAILED))
    assert (judged.summary, judged.signature, judged.chain) == ("pass", None, ())


def test_how_far_a_program_came_is_the_last_line_it_printed() -> None:
    assert judge(HANG, execution(stdout="request 1\nrequest 2\n\n", stderr="a warning\n")).printed == "request 2"
    assert judge(HANG, execution()).printed == ""


def test_a_failure_names_its_exception_and_place() -> None:
    judged = judge(HANG, execution(Exited(code=1), stderr=FAILED))
    assert (judged.outcome, judged.verdict) == (Outcome.FAIL, Verdict.SKIP)
    assert judged.summary == "fail, exit 1: ValueError: bad (app.py:run)"
    assert judged.signature == Signature(kind=Outcome.FAIL, head="ValueError: bad", frames=("app.py:run",))
    assert [frame.line for frame in judged.chain] == [3]


def test_a_failure_without_a_traceback_quotes_the_last_line() -> None:
    judged = judge(HANG, execution(Exited(code=3), stderr="one\ncannot open /tmp/x1/data.db\n\n"))
    assert judged.summary == "fail, exit 3: cannot open /tmp/x1/data.db"
    assert judged.signature is not None
    assert judged.signature.head == "exit 3: cannot open <path>/data.db"
    assert judge(HANG, execution(Exited(code=137))).summary == "fail, exit 137"


@pytest.mark.parametrize(
    ("ending", "outcome", "summary"),
    [
        (Signalled(signal="SIGSEGV"), Outcome.CRASH, "crash, SIGSEGV"),
        (Limited(limit=LimitKind.MEMORY, detail="5 MiB"), Outcome.CRASH, "crash, memory limit: 5 MiB"),
        (Limited(limit=LimitKind.PROCESSES, detail=""), Outcome.CRASH, "crash, processes limit"),
        (Limited(limit=LimitKind.OUTPUT, detail="17 MiB"), Outcome.FAIL, "fail, output limit: 17 MiB"),
        (Limited(limit=LimitKind.DISK, detail="2 GiB"), Outcome.FAIL, "fail, disk limit: 2 GiB"),
        (Limited(limit=LimitKind.CPU, detail="60 s"), Outcome.TIMEOUT, "timeout, cpu limit: 60 s"),
    ],
)
def test_other_endings_have_their_words(ending: Ending, outcome: Outcome, summary: str) -> None:
    judged = judge(HANG, execution(ending))
    assert (judged.outcome, judged.verdict, judged.summary) == (outcome, Verdict.SKIP, summary)


@pytest.mark.parametrize(
    ("bug", "seen", "verdict"),
    [
        (Bug(kind=BugKind.CRASH), execution(Signalled(signal="SIGSEGV")), Verdict.BAD),
        (Bug(kind=BugKind.CRASH, pattern="SEGV"), execution(Signalled(signal="SIGSEGV")), Verdict.BAD),
        (Bug(kind=BugKind.CRASH, pattern="ABRT"), execution(Signalled(signal="SIGSEGV")), Verdict.SKIP),
        (Bug(kind=BugKind.CRASH), execution(Exited(code=1)), Verdict.SKIP),
        (Bug(kind=BugKind.FAIL), execution(Exited(code=1)), Verdict.BAD),
        (Bug(kind=BugKind.FAIL), execution(), Verdict.GOOD),
        (Bug(kind=BugKind.FAIL), execution(STALLED), Verdict.SKIP),
        (Bug(kind=BugKind.FAIL, exit_codes=(3, 4)), execution(Exited(code=4)), Verdict.BAD),
        (Bug(kind=BugKind.FAIL, exit_codes=(3, 4)), execution(Exited(code=1)), Verdict.SKIP),
        (Bug(kind=BugKind.FAIL, pattern="^ValueError"), execution(Exited(code=1), stderr=FAILED), Verdict.BAD),
        (Bug(kind=BugKind.FAIL, pattern="TypeError"), execution(Exited(code=1), stderr=FAILED), Verdict.SKIP),
        (Bug(kind=BugKind.FAIL, stack=("app.py:run",)), execution(Exited(code=1), stderr=FAILED), Verdict.BAD),
        (Bug(kind=BugKind.FAIL, stack=("b.py",)), execution(Exited(code=1), stderr=FAILED), Verdict.SKIP),
        (raises(), execution(Exited(code=1), stderr=FAILED), Verdict.BAD),
        (raises("ValueError: b"), execution(Exited(code=1), stderr=FAILED), Verdict.BAD),
        (raises("ValueError", "app.py:run"), execution(Exited(code=1), stderr=FAILED), Verdict.BAD),
        (raises("ValueError", "b.py"), execution(Exited(code=1), stderr=FAILED), Verdict.SKIP),
        (raises("TypeError"), execution(Exited(code=1), stderr=FAILED), Verdict.SKIP),
        (raises(), execution(Exited(code=1), stderr="no"), Verdict.SKIP),
        (raises(), execution(stderr=FAILED), Verdict.GOOD),
        (raises("ValueError"), execution(stderr=FAILED), Verdict.BAD),
        (raises("ValueError"), execution(), Verdict.GOOD),
        (Bug(kind=BugKind.PRINTS, pattern="lost [0-9]"), execution(stdout="lost 3\n"), Verdict.BAD),
        (Bug(kind=BugKind.PRINTS, pattern="lost"), execution(Exited(code=1), stderr="lost"), Verdict.BAD),
        (Bug(kind=BugKind.PRINTS, pattern="lost"), execution(Exited(code=1)), Verdict.SKIP),
        (Bug(kind=BugKind.PRINTS, pattern="lost"), execution(stdout="all there"), Verdict.GOOD),
        (Bug(kind=BugKind.PRINTS, pattern="lost"), execution(stdout="a", truncated=True), Verdict.SKIP),
        (Bug(kind=BugKind.PRINTS), execution(stdout="lost"), Verdict.GOOD),
    ],
)
def test_only_the_declared_bug_is_bad(bug: Bug, seen: Execution, verdict: Verdict) -> None:
    assert judge(bug, seen).verdict is verdict


def test_a_pass_that_shows_the_bug_says_what_was_printed() -> None:
    assert judge(raises("ValueError"), execution(stderr=FAILED)).summary == "pass, raised ValueError: bad (app.py:run)"
    printed = judge(Bug(kind=BugKind.PRINTS, pattern="lost"), execution(stdout="a\nlost 3\n"))
    assert printed.summary == "pass, printed lost 3"
    assert printed.signature == Signature(kind=Outcome.PASS, head="lost 3", frames=())


def test_the_exception_that_the_bug_describes_is_the_one_named() -> None:
    seen = execution(Exited(code=1), stderr=FAILED + "\n" + FAILED.replace("ValueError: bad", "TypeError: later"))
    assert judge(raises("ValueError"), seen).summary == "fail, exit 1: ValueError: bad (app.py:run)"
    assert judge(HANG, seen).summary == "fail, exit 1: TypeError: later (app.py:run)"


def test_a_long_message_is_cut() -> None:
    seen = execution(Exited(code=1), stderr=FAILED.replace("bad", "b" * 5000))
    judged = judge(HANG, seen)
    assert len(judged.summary) < 250
    assert judged.signature is not None
    assert len(judged.signature.head) == 300
