"""What is proved of a tree, with scenes made up: one thing that could wake it, and nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bisectrix.model.words import OverrunLabel
from bisectrix.supervise.proof.judge import Assumed, NotProved, Proved, judge, waits
from bisectrix.supervise.proof.scene import (
    Alarm,
    AwaitedSignal,
    Children,
    Datagrams,
    Due,
    EventCounter,
    FileLock,
    Futex,
    Holders,
    Listener,
    Object,
    Opaque,
    OpeningPipe,
    Pipe,
    Process,
    ProcessEnd,
    Scene,
    TcpSocket,
    TimerDescriptor,
    UnixListener,
    UnixSocket,
    Waiting,
    Wants,
)
from bisectrix.supervise.proof.wakers import Kind
from bisectrix.supervise.syscalls import Until

INSIDE = Holders(inside=(1,))
SEMAPHORE = "/dev/shm/sem.mp-1"  # noqa: S108 - a name alone
NAMED = Futex(address=1, process=1, mapping=SEMAPHORE, holders=INSIDE)
OUTSIDE = Holders(inside=(1,), outside=("9 (sshd)",))
LOCK = Futex(address=0x10, process=1)


def waiting(
    *objects: Object,
    tid: int = 1,
    until: Until = Until.FOR_EVER,
    due: Due | None = None,
    ran: bool = False,
    idle_loop: str = "",
) -> Waiting:
    return Waiting(
        pid=1, tid=tid, start=7, call="futex", until=until, objects=objects, due=due, ran=ran, idle_loop=idle_loop
    )


def scene(*threads: Waiting, process: Process | None = None, private_network: bool = False, unseen: int = 0) -> Scene:
    return Scene(
        threads=threads,
        processes=(process or Process(pid=1, command="python app.py"),),
        quiet_s=1.0,
        private_network=private_network,
        unseen=unseen,
    )


PROVABLE = [
    pytest.param(LOCK, id="private futex"),
    pytest.param(Futex(address=1, process=1, mapping="/dev/zero (deleted)", holders=INSIDE), id="shared futex"),
    pytest.param(Pipe(inode=5, wants=Wants.DATA, holders=INSIDE), id="pipe"),
    pytest.param(UnixSocket(inode=5, peers=INSIDE), id="socket pair"),
    pytest.param(UnixListener(name="@x", reachable=False), id="listener that nobody reaches"),
    pytest.param(TcpSocket(local="127.0.0.1:1", remote="127.0.0.1:2", peers=INSIDE), id="connection within"),
    pytest.param(EventCounter(number=3, holders=INSIDE), id="event counter"),
    pytest.param(TimerDescriptor(is_set=False), id="timer that is not set"),
    pytest.param(Children(pids=(2, 3)), id="children"),
    pytest.param(ProcessEnd(pid=2, inside=True), id="pidfd of the tree"),
    pytest.param(FileLock(path="locked", kind="flock lock", holders=INSIDE), id="file lock"),
]


@pytest.mark.parametrize("thing", PROVABLE)
def test_a_wait_that_only_the_tree_could_end_is_proved_dead(thing: Object) -> None:
    assert judge(scene(waiting(thing))) == Proved(reason="its only thread waits for ever; nothing can wake it")


def test_memory_in_a_file_that_only_the_tree_maps_is_dead_unless_somebody_maps_it() -> None:
    lock = Futex(address=1, process=1, mapping="store/lock.mdb", holders=INSIDE)
    verdict = judge(scene(waiting(lock)))
    assert isinstance(verdict, Assumed)
    assert [each.text for each in verdict.assumptions] == ["nobody else maps store/lock.mdb"]


WAKEABLE = [
    pytest.param(Futex(address=1, process=1, mapping="lock.mdb", holders=OUTSIDE), id="file that others map"),
    pytest.param(Futex(address=1, process=1, mapping="x (deleted)", holders=OUTSIDE), id="memory shared with others"),
    pytest.param(Pipe(inode=5, wants=Wants.DATA, holders=OUTSIDE), id="pipe held outside"),
    pytest.param(Pipe(inode=0, wants=Wants.DATA, holders=OUTSIDE, path="named"), id="FIFO held outside"),
    pytest.param(UnixSocket(inode=5, peers=OUTSIDE), id="socket of others"),
    pytest.param(TcpSocket(local="127.0.0.1:1", remote="127.0.0.1:2", peers=OUTSIDE), id="local server of others"),
    pytest.param(TcpSocket(local="10.0.0.1:1", remote="192.0.2.1:443", peers=None), id="another machine"),
    pytest.param(TcpSocket(local="127.0.0.1:1", remote="127.0.0.1:2", peers=INSIDE, timer="keepalive"), id="keepalive"),
    pytest.param(Datagrams(local="127.0.0.1:53"), id="datagrams"),
    pytest.param(EventCounter(number=3, holders=OUTSIDE), id="event counter of others"),
    pytest.param(TimerDescriptor(is_set=True), id="timer descriptor"),
    pytest.param(ProcessEnd(pid=9, inside=False), id="pidfd of another process"),
    pytest.param(FileLock(path="locked", kind="flock lock", holders=OUTSIDE), id="file lock of others"),
    pytest.param(Opaque(what="socket 3", why="it has a time limit of 3 s", stirred=True), id="socket timeout"),
]


@pytest.mark.parametrize("thing", WAKEABLE)
def test_what_something_outside_can_end_is_not_proved_and_has_a_label(thing: Object) -> None:
    for threads in ([waiting(thing)], [waiting(LOCK), waiting(thing, tid=2)], [waiting(LOCK, thing)]):
        verdict = judge(scene(*threads))
        assert isinstance(verdict, NotProved)
        assert verdict.label is not None
        assert verdict.polling == frozenset()


OBSCURE = [
    pytest.param(waiting(Opaque(what="io_uring descriptor", why="anything can happen")), id="unlisted object"),
    pytest.param(waiting(), id="nothing known"),
    pytest.param(waiting(LOCK, until=Until.UNKNOWN), id="unlisted call"),
    pytest.param(waiting(LOCK, until=Until.RUNNING), id="runs"),
    pytest.param(waiting(LOCK, ran=True), id="ran meanwhile"),
    pytest.param(waiting(FileLock(path="locked", kind="flock lock", holders=Holders())), id="lock of nobody seen"),
]


@pytest.mark.parametrize("thread", OBSCURE)
def test_what_is_not_understood_is_not_proved_and_has_no_label(thread: Waiting) -> None:
    verdict = judge(scene(thread))
    assert isinstance(verdict, NotProved)
    assert verdict.label is None


def test_an_alarm_that_may_be_somebody_elses_may_pass_and_what_is_not_understood_does_not() -> None:
    alarmed = Process(pid=1, command="", alarm=Alarm.EXPECTED)
    held_up = judge(scene(waiting(LOCK), process=alarmed))
    assert isinstance(held_up, NotProved)
    assert held_up.passing
    obscure = judge(scene(waiting(LOCK), waiting(tid=2), process=alarmed))
    assert isinstance(obscure, NotProved)
    assert not obscure.passing


def test_a_timer_in_one_thread_keeps_the_whole_tree_alive_and_is_named() -> None:
    sleeper = waiting(tid=2, until=Until.TIMER, due=Due(3597, from_now=True))
    verdict = judge(scene(waiting(LOCK), sleeper))
    assert verdict == NotProved(
        reason="thread 2 of 1 sleeps for another 3597 s",
        label=OverrunLabel.NEXT_WAKE_UP,
        polling=frozenset({sleeper.identity}),
    )


@pytest.mark.parametrize(
    "process",
    [
        Process(pid=1, command="", stirring=("POSIX timer of 1",)),
        Process(pid=1, command="", stirring=("a signal is on its way to process 1",)),
        Process(pid=1, command="", alarm=Alarm.EXPECTED),
        Process(pid=1, command="", unreadable="a program of another architecture"),
    ],
)
def test_what_stirs_a_process_forbids_a_proof_whatever_its_threads_wait_for(process: Process) -> None:
    assert isinstance(judge(scene(waiting(LOCK), process=process)), NotProved)


def test_no_thread_is_no_hang() -> None:
    assert isinstance(judge(scene()), NotProved)


ASSUMING = [
    pytest.param(scene(waiting(Listener(local="127.0.0.1:8000"))), Kind.NETWORK, "nobody connects to 127.0.0.1:8000"),
    pytest.param(scene(waiting(AwaitedSignal(name="SIGCONT"))), Kind.SIGNAL, "nobody outside sends SIGCONT"),
    pytest.param(scene(waiting(OpeningPipe(path="/x"))), Kind.OPENING, "nobody else opens /x"),
    pytest.param(
        scene(waiting(Pipe(inode=0, wants=Wants.DATA, holders=INSIDE, path="/x"))), Kind.OPENING, "nobody else opens /x"
    ),
    pytest.param(scene(waiting(UnixListener(name="/x", reachable=True))), Kind.OPENING, "nobody else connects to /x"),
    pytest.param(
        scene(waiting(UnixListener(name="/x", reachable=True, server="only we ask it"))),
        Kind.IDLE_LOOP,
        "only we ask it",
    ),
    pytest.param(scene(waiting(NAMED)), Kind.OPENING, f"nobody else maps {SEMAPHORE}"),
    pytest.param(
        scene(waiting(LOCK), process=Process(pid=1, command="", alarm=Alarm.POSSIBLE)),
        Kind.ALARM,
        "no alarm is set in process 1",
    ),
    pytest.param(
        scene(waiting(Pipe(inode=5, wants=Wants.DATA, holders=INSIDE)), unseen=3),
        Kind.UNSEEN,
        "none of 3 processes that nobody lets us look into holds read end of pipe 5",
    ),
    pytest.param(
        scene(waiting(until=Until.TIMER, idle_loop="serve_forever only serves its socket")),
        Kind.IDLE_LOOP,
        "serve_forever only serves its socket",
    ),
]


@pytest.mark.parametrize(("seen", "kind", "text"), ASSUMING)
def test_what_only_others_could_do_is_assumed_not_to_happen_and_named(seen: Scene, kind: Kind, text: str) -> None:
    verdict = judge(seen)
    assert isinstance(verdict, Assumed)
    assert [(one.kind, one.text) for one in verdict.assumptions] == [(kind, text)]


@pytest.mark.parametrize("thing", [Listener(local="127.0.0.1:8000"), Datagrams(local="127.0.0.1:53")])
def test_in_a_network_of_its_own_nobody_else_connects(thing: Object) -> None:
    assert isinstance(judge(scene(waiting(thing), private_network=True)), Proved)


def test_in_shared_memory_of_its_own_nobody_else_maps_what_has_a_name() -> None:
    assert isinstance(judge(replace(scene(waiting(NAMED)), private_memory=True)), Proved)
    elsewhere = replace(NAMED, mapping="/srv/lock.mdb")
    assert isinstance(judge(replace(scene(waiting(elsewhere)), private_memory=True)), Assumed)


def test_each_assumption_is_named_once() -> None:
    server = Listener(local="127.0.0.1:8000")
    verdict = judge(scene(waiting(server), waiting(server, tid=2)))
    assert isinstance(verdict, Assumed)
    assert len(verdict.assumptions) == 1


def test_the_reason_counts_threads_processes_and_idle_loops() -> None:
    child = replace(waiting(LOCK, tid=5), pid=5)
    poller = waiting(tid=3, until=Until.TIMER, ran=True, idle_loop="it polls")
    assert judge(scene(waiting(LOCK), waiting(LOCK, tid=2), waiting(LOCK, tid=3))) == Proved(
        reason="all 3 threads wait for each other; nothing outside can wake them"
    )
    verdict = judge(scene(waiting(LOCK), child, poller))
    assert isinstance(verdict, Assumed)
    assert verdict.reason == (
        "both threads of 2 processes wait for each other beside 1 idle loop; nothing outside can wake them"
    )


def test_the_wait_list_says_on_what_and_by_whom() -> None:
    told = waits(scene(waiting(LOCK, Pipe(inode=5, wants=Wants.ROOM, holders=INSIDE)), waiting(LOCK, tid=2)))
    assert [(wait.tid, wait.command, wait.on, wait.woken_by) for wait in told] == [
        (
            1,
            "python app.py",
            "futex 0x10, private to process 1; write end of pipe 5",
            "another thread of process 1; process 1, which holds it",
        ),
        (2, "python app.py", "futex 0x10, private to process 1", "another thread of process 1"),
    ]


def test_a_long_wait_list_is_counted() -> None:
    pipes = [Pipe(inode=number, wants=Wants.DATA, holders=INSIDE) for number in range(20)]
    assert waits(scene(waiting(*pipes)))[0].on.endswith("read end of pipe 7; and 12 more")
