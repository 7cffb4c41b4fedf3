"""Hangs that are proved, and waits that only look like one: real processes, all of a kind at the same time."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bisectrix.model.attempt import Blocked, Execution, Exited, Overran, Signalled
from bisectrix.model.repro import Limits
from bisectrix.model.words import HangGrade, OverrunLabel
from bisectrix.supervise.order import Order, Pulse
from bisectrix.supervise.python_stacks import find_py_spy
from bisectrix.supervise.supervisor import Supervisor
from support.cells import Cells
from support.pythons import ALL

AT_ONCE = 3
LONG = Limits(startup_s=300, deadline_s=300, quiet_s=30)

TWO_LOCKS = """
import threading
a, b, both = threading.Lock(), threading.Lock(), threading.Barrier(2)
def take(first, second):
    with first:
        both.wait()
        with second: pass
for pair in ((a, b), (b, a)): threading.Thread(target=take, args=pair).start()
"""
LOST_WORKER = """
import multiprocessing, os
pool = multiprocessing.get_context("fork").Pool(2)
pool.apply_async(os._exit, (1,)).get()
"""
SERVED_POOL = """
import multiprocessing, os
if __name__ == "__main__":
    multiprocessing.get_context("forkserver").Pool(2).apply(os._exit, (1,))
"""
UNACCEPTED = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).recv(1)
"""
LOCKED_TWICE = "import fcntl\nf, g = open('x', 'w'), open('x', 'w')\nfcntl.flock(f, 2); fcntl.flock(g, 2)"
POSIX_TIMER = """
import ctypes, os
libc = ctypes.CDLL(None)
timer = ctypes.c_void_p()
libc.timer_create(1, None, ctypes.byref(timer))
libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 2, 0), None)
os.read(os.pipe()[0], 1)
"""
TIME_LIMIT = """
import socket, struct
a, b = socket.socketpair()
a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 2, 0))
a.recv(1)
"""
DUMP_LATER = "import faulthandler, os\nfaulthandler.dump_traceback_later(2, exit=True)\nos.read(os.pipe()[0], 1)"
WATCHDOG = "import os, threading\nthreading.Timer(2, os._exit, (0,)).start()\nos.read(os.pipe()[0], 1)"
SERVER_BESIDE = """
import socketserver, threading
server = socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Event().wait()
"""

PROVED = {
    "two locks": TWO_LOCKS,
    "an asyncio event that nobody sets": "import asyncio; asyncio.run(asyncio.Event().wait())",
    "a child that waits for its input": "import subprocess as s; s.Popen(['cat'], stdin=s.PIPE).wait()",
    "a pool that has lost a worker": LOST_WORKER,
    "a connection that nobody accepts": UNACCEPTED,
    "a socket pair": "import socket; a, b = socket.socketpair(); a.recv(1)",
    "a full pipe": "import os\nr, w = os.pipe()\nwhile True: os.write(w, bytes(4096))",
    "a lock on a file taken twice": LOCKED_TWICE,
    "a joined thread": "import threading as t\nx = t.Thread(target=t.Event().wait); x.start(); x.join()",
}
OWN_END = {
    "alarm": "import os, signal; signal.alarm(2); os.read(os.pipe()[0], 1)",
    "itimer": "import os, signal; signal.setitimer(signal.ITIMER_REAL, 2.5); os.read(os.pipe()[0], 1)",
    "POSIX timer": POSIX_TIMER,
    "time limit of a socket": TIME_LIMIT,
    "dump_traceback_later": DUMP_LATER,
    "watchdog thread": WATCHDOG,
}


@pytest.fixture(scope="module", params=ALL)
def ran(
    request: pytest.FixtureRequest, supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Execution]]:
    """Run all the programs a few at a time, and give the result of one by its name."""
    cells = Cells(supervisor, tmp_path_factory.mktemp("proofs"), python=request.param)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: dict[str, Future[Execution]] = {
            name: pool.submit(cells.run, cells.order(code, limits=LONG)) for name, code in (PROVED | OWN_END).items()
        }
        yield lambda name: running[name].result()
    assert cells.alive() == []


@pytest.mark.parametrize("name", PROVED)
def test_what_only_the_tree_itself_could_end_is_proved_at_once(ran: Callable[[str], Execution], name: str) -> None:
    execution = ran(name)
    assert isinstance(execution.ending, Blocked), execution
    if os.geteuid() == 0:
        assert execution.ending.grade is HangGrade.PROVED, execution
    assert execution.ending.quiet_s < LONG.quiet_s or os.geteuid() != 0
    assert all(wait.on and wait.woken_by for wait in execution.waits)


@pytest.mark.parametrize("name", OWN_END)
def test_what_a_timer_ends_that_no_thread_waits_in_comes_to_its_own_end(
    ran: Callable[[str], Execution], name: str
) -> None:
    assert isinstance(ran(name).ending, Exited | Signalled)


def test_the_wait_list_names_both_ends_and_lies_among_the_evidence(ran: Callable[[str], Execution]) -> None:
    execution = ran("a child that waits for its input")
    parent, child = execution.waits
    assert parent.on == f"the end of child {child.pid}"
    assert str(parent.pid) in child.woken_by
    text = next(file.path for file in execution.evidence if file.kind == "waits").read_text()
    assert text.startswith("hang, ")
    assert f"waits on  {child.on}" in text


WAITS_FOR_LOCK = "import fcntl\nf = open('lock', 'w')\nprint('ready', flush=True)\nfcntl.flock(f, fcntl.LOCK_EX)"
WAITS_FOR_SERVER = """
import socket
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("server")
    print("ready", flush=True)
    connection.recv(1)
"""
SHORT = Limits(startup_s=60, deadline_s=60, quiet_s=1)


@contextmanager
def after_a_while(order: Order, action: Callable[[], object]) -> Iterator[Callable[[Pulse], None]]:
    """Do something two seconds after the program has said that it is ready."""
    ready = threading.Event()

    def act() -> None:
        if ready.wait(order.limits.startup_s):
            time.sleep(2)
            action()

    thread = threading.Thread(target=act)
    thread.start()
    yield lambda pulse: ready.set() if pulse is Pulse.READY else None
    ready.set()
    thread.join()


def test_a_lock_held_outside_is_waited_for_and_no_hang(cells: Cells) -> None:
    order = cells.order(WAITS_FOR_LOCK, ready="ready", limits=SHORT)
    with (order.cwd / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with after_a_while(order, lambda: fcntl.flock(held, fcntl.LOCK_UN)) as on_pulse:
            assert cells.run(order, on_pulse=on_pulse).ending == Exited(code=0)


def test_a_server_outside_is_waited_for_and_no_hang(cells: Cells) -> None:
    order = cells.order(WAITS_FOR_SERVER, ready="ready", limits=SHORT)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(order.cwd / "server"))
        server.listen()

        def answer() -> None:
            server.accept()[0].close()

        with after_a_while(order, answer) as on_pulse:
            assert cells.run(order, on_pulse=on_pulse).ending == Exited(code=0)


def test_at_the_deadline_what_holds_a_lock_outside_is_named(cells: Cells) -> None:
    order = cells.order(WAITS_FOR_LOCK, ready="ready", limits=replace(SHORT, deadline_s=2))
    with (order.cwd / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ending = cells.run(order).ending
    assert isinstance(ending, Overran)
    assert ending.label is OverrunLabel.OUTSIDE_PROCESS
    assert f"is held by {os.getpid()} (" in ending.detail


@pytest.mark.parametrize("code", [SERVER_BESIDE, "import signal; signal.pause()"], ids=["idle loop", "signal"])
def test_with_leave_to_assume_no_time_is_lost(cells: Cells, code: str) -> None:
    if code is SERVER_BESIDE and find_py_spy() is None:
        pytest.skip("py-spy is not installed")
    execution = cells.run(cells.order(code, limits=replace(LONG, assume=True)))
    assert isinstance(execution.ending, Blocked)
    assert execution.ending.grade is HangGrade.ASSUMED
    expected = "serve_forever only serves its socket" if code is SERVER_BESIDE else "nobody outside sends a signal"
    assert expected in execution.ending.assumptions
    assert execution.ending.quiet_s < LONG.quiet_s


def test_a_fork_server_that_nobody_else_knows_costs_no_time_where_the_network_is_private(cells: Cells) -> None:
    if find_py_spy() is None:
        pytest.skip("py-spy is not installed")
    order = cells.order(argv=(sys.executable, "program.py"), limits=LONG)
    (order.cwd / "program.py").write_text(SERVED_POOL, encoding="utf-8")
    execution = cells.run(order)
    assert isinstance(execution.ending, Blocked)
    assert execution.ending.grade is HangGrade.ASSUMED
    assert "only this program asks its fork server of multiprocessing for processes" in execution.ending.assumptions
    if execution.contained is not None and execution.contained.private_network:
        assert execution.ending.quiet_s < LONG.quiet_s


def test_without_leave_an_assumption_takes_the_quiet_time(cells: Cells) -> None:
    execution = cells.run(cells.order("import signal; signal.pause()", limits=replace(SHORT, quiet_s=2)))
    assert isinstance(execution.ending, Blocked)
    assert execution.ending.grade is HangGrade.ASSUMED
    assert execution.ending.quiet_s >= 2
