"""Twenty-five nasty tests, ten of which hang and three of which take their process with them, in one suite."""

from __future__ import annotations

import os
import textwrap
import threading
from collections import Counter
from pathlib import Path

import pytest

from bisectrix.model.attempt import Blocked
from bisectrix.model.repro import Limits
from bisectrix.supervise.order import Order
from bisectrix.supervise.suite import pytest_argv, run_suite
from bisectrix.supervise.supervisor import Supervisor
from support.probed import make_environment, probed_variables
from support.pythons import ALL

CONFTEST = """
import pytest, threading

@pytest.fixture(scope="session")
def database(): threading.Event().wait()

@pytest.fixture(scope="module")
def untidy():
    yield
    threading.Event().wait()

@pytest.fixture
def broken(): raise RuntimeError("no set-up")
"""

NASTY = r"""
import asyncio, ctypes, os, queue, signal, socket, subprocess, sys, threading
import pytest

def test_passes(): pass
def test_fails(): assert False
def test_waits_for_an_event(): threading.Event().wait()
def test_is_skipped(): pytest.skip("not here")
def test_locks_twice():
    lock = threading.Lock()
    with lock, lock: pass
def test_leaves_with_success(): os._exit(0)
def test_prints(): print("\x1b[2J\0", os.urandom(99)) or os.write(1, os.urandom(999))
def test_waits_for_a_task(): asyncio.run(asyncio.Event().wait())
def test_breaks(broken): pass
def test_needs_the_database(database): pass
def test_needs_it_too(database): pass
def test_closes_all_descriptors_from_3_to_20():
    if os.fork() == 0:
        os.closerange(3, 20)
        os._exit(0)
    os.wait()
def test_reads_where_nobody_writes():
    reader, writer = os.pipe()
    os.read(reader, 1)
def test_ends_by_a_bad_address(): ctypes.string_at(0)
@pytest.mark.parametrize("value", ["a b", "x::y", "new\nline", "[é]"])
def test_odd(value):
    if value == "x::y": threading.Event().wait()
    if value == "[é]": os.kill(os.getpid(), signal.SIGKILL)
def test_joins_a_thread():
    thread = threading.Thread(target=threading.Event().wait, daemon=True)
    thread.start()
    thread.join()
def test_waits_for_a_child():
    subprocess.run([sys.executable, "-c", "import threading; threading.Event().wait()"])
@pytest.mark.xfail(reason="known")
def test_fails_as_expected(): assert False
def test_receives():
    ours, theirs = socket.socketpair()
    ours.recv(1)
def test_empties_a_queue():
    queue.Queue().get()
def test_last(): pass
def test_leaves_it_untidy(untidy): pass
"""

HANGS = {
    "test_waits_for_an_event",
    "test_locks_twice",
    "test_waits_for_a_task",
    "test_needs_the_database",
    "test_reads_where_nobody_writes",
    "test_odd[x::y]",
    "test_joins_a_thread",
    "test_waits_for_a_child",
    "test_receives",
    "test_empties_a_queue",
    "test_leaves_it_untidy",
}
OTHERS = {
    "test_fails": "fail",
    "test_is_skipped": "skip",
    "test_leaves_with_success": "crash",
    "test_breaks": "error",
    "test_needs_it_too": "blocked",
    "test_ends_by_a_bad_address": "crash",
    "test_odd[[\\xe9]]": "crash",
    "test_fails_as_expected": "xfail",
}


@pytest.mark.slow
@pytest.mark.parametrize("interpreter", ALL)
def test_every_one_of_25_nasty_tests_has_its_outcome(interpreter: str, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "venv", interpreter, with_our_packages=True)
    scratch, folder = tmp_path / "scratch", tmp_path / "suite"
    for each in (scratch, folder):
        each.mkdir()
    (folder / "conftest.py").write_text(textwrap.dedent(CONFTEST), encoding="utf-8")
    (folder / "test_nasty.py").write_text(textwrap.dedent(NASTY), encoding="utf-8")
    variables = {**probed_variables(scratch), "PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    order = Order(
        argv=pytest_argv(str(python), ("test_nasty.py",)),
        env=tuple(variables.items()),
        cwd=folder,
        scratch=scratch,
        evidence_dir=tmp_path / "evidence",
        limits=Limits(startup_s=60, deadline_s=60, quiet_s=1),
        tests=True,
    )
    with Supervisor() as supervisor:
        execution = run_suite(
            lambda each: supervisor.run(each, on_pulse=lambda _pulse: None, cancelled=threading.Event()), order
        )
    told = {test.nodeid.partition("::")[2]: str(test.outcome) for test in execution.tests}
    assert len(told) == 25
    assert {name for name, outcome in told.items() if outcome == "hang"} == HANGS
    assert {name: told[name] for name in OTHERS} == OTHERS
    assert Counter(told.values())["pass"] == 25 - len(HANGS) - len(OTHERS)
    assert isinstance(execution.ending, Blocked)
    assert all(test.chains for test in execution.tests if test.outcome == "hang")
