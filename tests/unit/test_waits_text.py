"""The list of who waits for whom, as a person reads it."""

from __future__ import annotations

from bisectrix.model.attempt import Blocked, Exited, ThreadWait
from bisectrix.model.words import HangGrade
from bisectrix.supervise.waits_text import waits_text

MAIN = ThreadWait(
    pid=7, tid=7, command="python a.py", call="wait4", until="for ever", on="the end of child 8", woken_by="their end"
)
CHILD = ThreadWait(
    pid=8, tid=8, command="cat", call="read", until="for ever", on="read end of pipe 5; socket 6", woken_by="process 7"
)


def test_the_claim_stands_above_the_threads_of_each_process() -> None:
    ending = Blocked(grade=HangGrade.ASSUMED, reason="no thread can move", quiet_s=1.4, assumptions=("nobody calls",))
    assert waits_text(ending, (MAIN, CHILD)) == (
        "hang, assumed after 1.4 s: no thread can move\n"
        "assuming nobody calls\n"
        "\n"
        "process 7, python a.py\n"
        "  thread 7 in wait4, for ever\n"
        "    waits on  the end of child 8\n"
        "    woken by  their end\n"
        "process 8, cat\n"
        "  thread 8 in read, for ever\n"
        "    waits on  read end of pipe 5\n"
        "    waits on  socket 6\n"
        "    woken by  process 7\n"
    )


def test_what_a_proof_lacked_stands_below_the_claim() -> None:
    stalled = Blocked(grade=HangGrade.STALLED, reason="it waits", quiet_s=10, lacks="a device decides")
    assert waits_text(stalled, (CHILD,)).splitlines()[:3] == [
        "hang, stalled after 10.0 s: it waits",
        "not proved: a device decides",
        "",
    ]


def test_without_a_close_look_the_calls_are_told() -> None:
    plain = ThreadWait(pid=7, tid=9, command="python a.py", call="", until="running")
    assert waits_text(Exited(code=0), (plain,)) == "process 7, python a.py\n  thread 9 running\n"
    assert waits_text(Exited(code=0), ()) == ""
