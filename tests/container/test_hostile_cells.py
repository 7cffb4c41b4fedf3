"""Programs that misbehave, each in a container of its own: told as on the host, and kept in."""

from __future__ import annotations

import json
import signal
from dataclasses import replace

import pytest

from bisectrix.model.attempt import Blocked, Exited, Limited, Overran, Signalled
from bisectrix.model.repro import Limits
from bisectrix.model.words import EvidenceKind, LimitKind, OverrunLabel
from support.contained import ContainedCells

pytestmark = pytest.mark.container

SMALL = Limits(startup_s=60, deadline_s=60, quiet_s=1, memory_mib=128, processes=32, output_mib=1)


@pytest.mark.parametrize("code", [0, 3, 137])
def test_an_exit_code_is_told_as_it_is(contained: ContainedCells, code: int) -> None:
    assert contained.run(contained.order(f"raise SystemExit({code})")).ending == Exited(code=code)


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL"])
def test_a_death_by_signal_is_told_by_name(contained: ContainedCells, name: str) -> None:
    code = f"import os, signal; signal.signal({signal.Signals[name].value}, 0) if {name != 'SIGKILL'} else 0; os.kill(os.getpid(), signal.{name})"
    assert contained.run(contained.order(code)).ending == Signalled(signal=name)


def test_both_streams_come_apart_and_byte_for_byte(contained: ContainedCells) -> None:
    code = "import os; os.write(1, b'a\\0\\xff\\r\\n'); os.write(2, b'\\x1b[31m')"
    execution = contained.run(contained.order(code))
    assert execution.ending == Exited(code=0)
    assert execution.stdout.size_bytes == 5
    assert execution.stderr.size_bytes == 5


def test_the_files_of_the_repro_are_there_and_can_be_changed(contained: ContainedCells) -> None:
    order = contained.order(
        "import os; print(open('data/input').read(), end=''); os.remove('data/input'); open('new', 'w')"
    )
    (order.scratch / "work" / "data").mkdir()
    (order.scratch / "work" / "data" / "input").write_text("as it was", encoding="utf-8")
    assert contained.run(order).stdout.text == "as it was"
    assert (order.scratch / "work" / "data" / "input").exists()


def test_a_daemon_that_holds_the_output_is_named_and_does_not_delay_the_end(contained: ContainedCells) -> None:
    code = "import os, time\nif not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n    time.sleep(600)\nos.wait()"
    execution = contained.run(contained.order(code))
    assert execution.ending == Exited(code=0)
    assert len(execution.leaked) == 1


def test_one_that_kills_everything_it_can_does_not_reach_the_first_process(contained: ContainedCells) -> None:
    code = "import os\ntry:\n    os.kill(1, 9)\n    os.kill(-1, 9)\nexcept ProcessLookupError:\n    raise SystemExit(5)"
    assert contained.run(contained.order(code)).ending == Exited(code=5)


def test_a_program_that_cannot_be_started_is_our_failure_and_says_why(contained: ContainedCells) -> None:
    order = replace(contained.order(""), argv=("/no/such/program",))
    with pytest.raises(Exception, match="No such file"):
        contained.run(order)


def test_a_fork_bomb_meets_its_limit(contained: ContainedCells) -> None:
    code = "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(60)"
    ending = contained.run(contained.order(code, limits=SMALL)).ending
    assert isinstance(ending, Limited)
    assert ending.limit is LimitKind.PROCESSES


def test_a_memory_hog_meets_its_limit(contained: ContainedCells) -> None:
    code = "hog = []\nwhile True: hog.append(bytearray(1 << 20))"
    ending = contained.run(contained.order(code, limits=SMALL)).ending
    assert isinstance(ending, Limited)
    assert ending.limit is LimitKind.MEMORY


def test_a_flood_meets_its_limit(contained: ContainedCells) -> None:
    code = "import os\nwhile True: os.write(1, b'flood' * 1000)"
    ending = contained.run(contained.order(code, limits=SMALL)).ending
    assert isinstance(ending, Limited)
    assert ending.limit is LimitKind.OUTPUT


def test_a_full_scratch_is_an_error_of_the_program_and_no_end_of_ours(contained: ContainedCells) -> None:
    code = (
        "import errno\ntry:\n"
        "    for n in range(5000):\n        with open(str(n), 'wb') as file: file.write(bytes(1 << 20))\n"
        "except OSError as error: raise SystemExit(errno.errorcode[error.errno] == 'ENOSPC' and 7)"
    )
    assert contained.run(contained.order(code)).ending == Exited(code=7)


def test_a_hang_is_claimed_with_stacks_and_tasks_from_outside(contained: ContainedCells) -> None:
    code = "import asyncio\nasync def stuck(): await asyncio.Event().wait()\nasyncio.run(stuck())"
    order = contained.order(code)
    execution = contained.run(order)
    assert isinstance(execution.ending, Blocked)
    assert execution.waits
    stacks = next(file.path for file in execution.evidence if file.kind is EvidenceKind.STACKS)
    assert "run_until_complete" in stacks.read_text(encoding="utf-8")


def test_a_sleep_is_no_hang(contained: ContainedCells) -> None:
    limits = Limits(startup_s=60, deadline_s=2, quiet_s=1)
    ending = contained.run(contained.order("import time; time.sleep(3600)", limits=limits)).ending
    assert isinstance(ending, Overran)
    assert ending.label is OverrunLabel.NEXT_WAKE_UP


LOOK_AROUND = """
import json, os, socket
def fails(action):
    try:
        action()
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)
    return ""
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
server = socket.create_server(("127.0.0.1", 0))
print(json.dumps({
    "outside": fails(lambda: socket.create_connection(("192.0.2.1", 80), 2)),
    "names": fails(lambda: socket.getaddrinfo("example.org", 80)),
    "loopback": fails(lambda: socket.create_connection(server.getsockname(), 2)),
    "root": fails(lambda: open("/file", "w")),
    "library": fails(lambda: open(os.path.join(os.path.dirname(os.__file__), "file"), "w")),
    "become_root": fails(lambda: os.setuid(0)),
    "mount": fails(lambda: os.mkdir("/proc/1/x")),
    "uid": os.getuid(),
    "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
    "no_new_privileges": status["NoNewPrivs"].strip(),
    "seccomp": status["Seccomp"].strip(),
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
    "variables": sorted(os.environ),
    "engine": os.path.exists("/var/run/docker.sock"),
    "interfaces": sorted(name for _, name in socket.if_nameindex()),
    "noexec": "noexec" in next(line for line in open("/proc/mounts") if line.split()[1] == "/tmp"),
    "swap": os.path.exists("/swapfile"),
}))
"""


def test_a_cell_reaches_nothing_and_can_become_nobody_else(
    contained: ContainedCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BISECTRIX_TEST_SECRET", "not for a cell")
    execution = contained.run(contained.order(LOOK_AROUND))
    assert execution.ending == Exited(code=0), execution.stderr.text
    seen = json.loads(execution.stdout.text)

    assert seen["outside"]
    assert seen["names"]
    assert seen["loopback"] == ""
    assert seen["interfaces"] == ["lo"]
    assert seen["root"] == seen["library"] == "Read-only file system"
    assert seen["become_root"] == "Operation not permitted"
    assert seen["uid"] != 0
    assert seen["capabilities"] == 0
    assert seen["no_new_privileges"] == "1"
    assert seen["seccomp"] == "2"
    assert seen["processes"][0] == 1
    assert len(seen["processes"]) == 2
    assert set(seen["variables"]) <= {"PATH", "BISECTRIX_PROBE", "BISECTRIX_PROBE_DIR", "BISECTRIX_COOKIE", "LC_CTYPE"}
    assert not seen["engine"]
    assert seen["noexec"]
