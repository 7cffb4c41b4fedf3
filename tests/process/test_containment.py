"""Each means of containment that this machine offers: what a cell sees, what it may use, and that nothing outlives it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.attempt import Blocked, Exited, Limited, Signalled
from bisectrix.model.repro import Limits
from bisectrix.model.words import ContainmentKind, LimitKind, Network
from bisectrix.supervise import proc
from bisectrix.supervise.containment.hierarchies import here
from bisectrix.supervise.containment.machine import Machine, explore
from bisectrix.supervise.supervisor import Supervisor
from support.cells import Background, Cells

KINDS = [
    ContainmentKind.CGROUP,
    ContainmentKind.SUBREAPER,
    pytest.param(ContainmentKind.NAMESPACES, marks=pytest.mark.slow),
    pytest.param(ContainmentKind.POLLING, marks=pytest.mark.slow),
]
SLEEPER = "import time; print('ready', flush=True); time.sleep(3600)"
PATIENT = Limits(startup_s=60, deadline_s=600, quiet_s=600)
DAEMON = (
    "import os\n"
    "if not os.fork():\n"
    "    os.setsid()\n"
    "    if os.fork(): os._exit(0)\n"
    "    os.execlp('sleep', 'sleep', '604')\n"
    "os.wait()"
)


@pytest.fixture(scope="session")
def machine() -> Machine:
    return explore()


@pytest.fixture(scope="module", params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest, machine: Machine) -> ContainmentKind:
    wanted: ContainmentKind = request.param
    if not machine.offers(wanted):
        pytest.skip(f"no {wanted} here: {'; '.join(machine.refusals)}")
    return wanted


@pytest.fixture(scope="module")
def holder(kind: ContainmentKind, tests_path: None) -> Iterator[Supervisor]:  # noqa: ARG001 - wanted for its effect
    with Supervisor(collect="support.no_evidence:collect", containment=kind) as running:
        yield running


@pytest.fixture
def held(holder: Supervisor, tmp_path: Path) -> Iterator[Cells]:
    """Run cells under one kind of containment, and see afterwards that nothing of them is left."""
    made = Cells(holder, tmp_path)
    yield made
    assert made.alive() == []
    assert lost_groups() == []


def lost_groups() -> list[str]:
    """Return the control groups whose wardens are dead; other harnesses may just be removing theirs."""
    give_up = time.monotonic() + 10
    while (found := [name for name in groups() if not Path("/proc", name.split("-")[3]).exists()]) and (
        time.monotonic() < give_up
    ):
        time.sleep(0.05)
    return found


def groups() -> list[str]:
    return [name for folder in here().folders for name in proc.names(folder) if name.startswith("bisectrix-")]


def test_the_record_names_what_held_it(held: Cells, kind: ContainmentKind, machine: Machine) -> None:
    contained = held.run(held.order("print(1)")).contained
    assert contained is not None
    assert contained.kind is kind
    assert set(contained.bounds) == machine.bounds(kind)
    assert bool(contained.unmet) is not contained.private_network


def test_a_daemon_is_named_and_killed(held: Cells) -> None:
    execution = held.run(held.order(DAEMON))
    assert execution.ending == Exited(code=0)
    assert execution.leaked == ("sleep 604",)


@pytest.mark.parametrize(
    ("code", "ending"),
    [("raise SystemExit(7)", Exited(code=7)), ("import os; os.kill(os.getpid(), 11)", Signalled(signal="SIGSEGV"))],
)
def test_an_end_is_told_as_it_is(held: Cells, code: str, ending: Exited | Signalled) -> None:
    assert held.run(held.order(code)).ending == ending


def test_a_hang_is_told_and_its_threads_have_the_numbers_of_this_side(held: Cells) -> None:
    execution = held.run(held.order("import threading; threading.Event().wait()"))
    assert isinstance(execution.ending, Blocked)
    assert all(wait.pid > 2 for wait in execution.waits)


def test_a_program_that_cannot_be_executed_is_our_failure(held: Cells) -> None:
    with pytest.raises(InfraError, match="cannot start no-such-program"):
        held.run(held.order(argv=("no-such-program",)))


def test_a_cell_starts_clean(held: Cells) -> None:
    code = (
        "import json, os, resource, signal\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(json.dumps({'blocked': status['SigBlk'].strip(), 'input': os.readlink('/proc/self/fd/0'),\n"
        "  'open': sorted(map(int, os.listdir('/proc/self/fd')))[:-1], 'mask': os.umask(0),\n"
        "  'ignored': status['SigIgn'].strip(), 'core': resource.getrlimit(resource.RLIMIT_CORE),\n"
        "  'killed_first': open('/proc/self/oom_score_adj').read().strip(), 'session': os.getsid(0) == os.getpid()}))"
    )
    with Path(os.devnull).open() as ours:
        os.set_inheritable(ours.fileno(), True)
        seen = json.loads(held.run(held.order(code)).stdout.text)
    ignored = int(seen.pop("ignored"), 16)
    python = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1  # ignored by every Python itself
    assert ignored & ~python == 0
    assert seen == {
        "blocked": "0" * 16,
        "input": os.devnull,
        "open": [0, 1, 2],
        "mask": 0o022,
        "core": [0, 0],
        "killed_first": "1000",
        "session": True,
    }


@pytest.mark.parametrize("network", Network)
def test_a_cell_reaches_what_its_manifest_says(held: Cells, network: Network) -> None:
    code = (
        "import socket, sys\n"
        "def reaches(port):\n"
        "    try: socket.create_connection(('127.0.0.1', port), 5).close()\n"
        "    except OSError: return 0\n"
        "    return 1\n"
        "own = socket.create_server(('127.0.0.1', 0))\n"
        "print(reaches(own.getsockname()[1]), reaches(int(sys.argv[1])))"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        order = held.order(code)
        order = replace(order, network=network, argv=(*order.argv, str(server.getsockname()[1])))
        execution = held.run(order)
    assert execution.contained is not None
    private = execution.contained.private_network
    expected = {Network.NONE: "0 0\n", Network.LOOPBACK: "1 0\n", Network.BRIDGE: "1 1\n"}
    assert execution.stdout.text == expected[network if private else Network.BRIDGE]


def test_shared_memory_left_behind_is_gone_where_there_are_namespaces(held: Cells, kind: ContainmentKind) -> None:
    if kind in {ContainmentKind.SUBREAPER, ContainmentKind.POLLING}:
        pytest.skip("shares the memory of the machine")
    held.run(held.order("open('/dev/shm/containment-test', 'w').write('x')"))
    assert not Path("/dev/shm/containment-test").exists()  # noqa: S108 - what the cell made


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        pytest.param("open('big', 'wb').truncate(64 << 20)", LimitKind.DISK, id="one big file with a hole"),
        pytest.param(
            "import os\nfor _ in range(400): os.mkdir('d'); os.chdir('d')", LimitKind.DISK, id="folders too deep"
        ),
        pytest.param("while True: pass", LimitKind.CPU, id="busy"),
        pytest.param("x = bytearray(b'x' * (400 << 20)); input()", LimitKind.MEMORY, id="memory"),
    ],
)
def test_a_crossed_limit_is_told_by_its_name(held: Cells, kind: ContainmentKind, code: str, limit: LimitKind) -> None:
    order = held.order(code, limits=Limits(startup_s=60, quiet_s=30, disk_mib=32, cpu_s=1, memory_mib=200))
    execution = held.run(order)
    assert isinstance(execution.ending, Limited)
    assert execution.ending.limit is limit
    if limit is LimitKind.CPU and kind is not ContainmentKind.NAMESPACES:
        assert execution.cpu_s >= 1, "the killed count, too; only a namespace takes their usage with it"
    shutil.rmtree(order.scratch / "d", ignore_errors=True)


def test_an_untrusted_order_is_refused_where_processes_are_not_bounded(
    held: Cells, kind: ContainmentKind, machine: Machine
) -> None:
    order = replace(held.order("print(1)"), trusted=False)
    if LimitKind.PROCESSES in machine.bounds(kind):
        assert held.run(order).ending == Exited(code=0)
    else:
        with pytest.raises(InfraError, match="untrusted"):
            held.run(order)


def test_what_is_held_ends_with_its_warden(held: Cells, tmp_path: Path) -> None:
    order = held.order(SLEEPER, ready="ready", limits=PATIENT)
    with ThreadPoolExecutor() as pool:
        running = Background(held, pool).start(order)
        os.kill(warden_of(Cells.main_pid(order)), signal.SIGKILL)
        assert isinstance(running.exception(60), InfraError)
    assert tmp_path.is_dir()


def warden_of(pid: int) -> int:
    """Return the nearest process above that speaks to a harness: it alone runs our zygote's module."""
    above = pid
    while b"bisectrix.supervise.zygote" not in proc.read(f"/proc/{above}/cmdline"):
        above = parent(above)
    return parent(above) if proc.pid_inside(above) == 1 else above


def parent(pid: int) -> int:
    return int(proc.stat_fields(f"/proc/{pid}/stat")[1])


def test_a_cell_in_a_namespace_cannot_end_who_holds_it(machine: Machine, tmp_path: Path, tests_path: None) -> None:  # noqa: ARG001
    if machine.walls is None:
        pytest.skip("no namespaces here")
    with Supervisor(collect="support.no_evidence:collect") as running:
        cells = Cells(running, tmp_path)
        order = cells.order(
            "import os\nos.kill(os.getppid(), 9)\ntry: os.kill(-1, 9)\nexcept ProcessLookupError: print('alone')"
        )
        execution = running.run(order, on_pulse=lambda _: None, cancelled=threading.Event())
        assert execution.stdout.text == "alone\n"
        assert execution.ending == Exited(code=0)
