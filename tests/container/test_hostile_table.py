"""Hostile programs in containers come to what the table says, nothing of them is left, and foreign containers run on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import docker
import docker.errors
import pytest

from bisectrix.containers.owner import OWNER
from bisectrix.errors import InfraError
from bisectrix.images.archive import Image
from bisectrix.judge.attempt import judge
from bisectrix.model.attempt import Execution
from bisectrix.model.repro import Bug, Limits
from bisectrix.model.words import BugKind, ContainmentKind
from support.harnessed import Harnessed
from support.hostile import REFUSED, SOME, Expected, expectations, outer_pid_namespace, words

pytestmark = pytest.mark.container

AT_ONCE = 3
GONE_WITHIN_S = 30.0
LOOK_S = 0.1
PROMPT = Limits(startup_s=60, deadline_s=30, quiet_s=2, memory_mib=256, processes=64, output_mib=16)

TOUCHES = """
import ctypes, errno, json, os

ATTACH = 16
libc = ctypes.CDLL(None, use_errno=True)
said = ["traced" if libc.ptrace(ATTACH, 1, 0, 0) == 0 else errno.errorcode[ctypes.get_errno()]]
for name in ("/proc/1/mem", "/proc/1/fd"):
    try:
        os.close(os.open(name, os.O_RDWR if name.endswith("mem") else os.O_RDONLY))
        said.append("opened")
    except OSError as error:
        said.append(errno.errorcode[error.errno])
print(json.dumps(said))
"""

CHOSEN = (
    *("double_forked_daemon", "setsid_child_holds_stdout", "flood_after_exit", "two_guardians", "cleared_environment"),
    *("hung_thread", "ignores_signals", "stops_itself", "two_locks", "full_pipe"),
    *("fork_bomb", "memory_hog", "output_flood", "one_endless_line"),
    *(
        "signals_its_parent",
        "aborts",
        "segmentation_fault",
        "kills_itself",
        "exits_with_137",
        "invalid_utf8",
        "zombies_and_a_sleep",
    ),
)
"""Of the hostile programs those that show most of what a container does differently."""

DENIED = frozenset({"namespace_left_behind", "keepalive_socket", "sparse_file", "deleted_open_file"})
"""What a container does not let them begin: they fail, on the host they go on to what the table says."""

LACKING = frozenset({"posix_timer", "secret_in_pieces", "secret_on_both_streams"})
"""The image has no librt, and these tests tell nobody a secret."""


def _in_a_container(expected: Expected) -> Expected:
    denied = expected.name in DENIED
    return replace(expected, ending="exited 1", outcome="fail") if denied else expected.under(ContainmentKind.CGROUP)


OTHERS = tuple(
    _in_a_container(each)
    for each in expectations()
    if each.name not in {*CHOSEN, *LACKING} and not each.outside and not each.needs
)
"""The rest, less what somebody outside has to act upon and what needs packages that the image has not."""


def ours(engine: docker.DockerClient, image: str) -> list[str]:
    """Return the containers of an image that a harness made."""
    listed: list[dict[str, Any]] = engine.api.containers(all=True, filters={"label": OWNER, "ancestor": image})
    return [found["Id"] for found in listed if found["State"] == "running"]


@pytest.fixture(scope="module")
def executions(cell: Harnessed) -> Iterator[dict[str, Future[Execution]]]:
    """Run the chosen hostile programs, some at a time, each in a container of its own."""
    table = {expected.name: expected for expected in expectations() if expected.name in CHOSEN}
    assert set(table) == set(CHOSEN)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(_run, cell, expected) for name, expected in table.items()}


def _run(cell: Harnessed, expected: Expected) -> Execution:
    bounds = {"startup_s": 60, "deadline_s": 30, "quiet_s": 2 if expected.ending == "blocked" else 30}
    return cell.run(
        expected.path.read_text(encoding="utf-8"),
        limits=Limits(**{**bounds, **expected.limits}),
        env=(
            *(("CELL_BOUNDED", "yes"), ("CELL_KEY", "12345"), ("CELL_MARK", "of a hostile program")),
            ("OUTER_PID_NAMESPACE", outer_pid_namespace()),
        ),
    )


@pytest.mark.parametrize(
    "expected", [pytest.param(each, id=each.name) for each in expectations() if each.name in CHOSEN]
)
def test_a_hostile_program_comes_to_the_same_as_on_the_host(
    executions: dict[str, Future[Execution]], expected: Expected
) -> None:
    _check(executions[expected.name].result(timeout=300), expected)


@pytest.mark.endurance
@pytest.mark.parametrize("expected", [pytest.param(each, id=each.name) for each in OTHERS])
def test_every_other_hostile_program_too(cell: Harnessed, expected: Expected) -> None:
    if expected.ending == REFUSED:
        with pytest.raises(InfraError):
            _run(cell, expected)
    else:
        _check(_run(cell, expected), expected)


def _check(execution: Execution, expected: Expected) -> None:
    assert words(execution.ending) == expected.ending, execution
    assert judge(Bug(kind=BugKind.HANG), execution).outcome == expected.outcome
    assert expected.leaked in {len(execution.leaked), SOME}, execution.leaked


def test_a_repro_cannot_trace_the_process_that_tells_of_it_nor_write_into_it(cell: Harnessed) -> None:
    execution = cell.run(TOUCHES)
    assert json.loads(execution.stdout.text) == ["EPERM", "EACCES", "EACCES"]


def test_nothing_of_ours_is_left_and_a_foreign_container_runs_on(
    cell: Harnessed, engine: docker.DockerClient, image: Image
) -> None:
    foreign = engine.containers.run(image.id, ["sleep", "600"], detach=True, network_mode="none")
    try:
        cell.run("import os\nwhile True: os.fork()", limits=PROMPT)
        cell.run("print('done')")
        give_up_at = time.monotonic() + GONE_WITHIN_S
        while ours(engine, image.id) and time.monotonic() < give_up_at:
            time.sleep(LOOK_S)
        assert ours(engine, image.id) == []
        foreign.reload()
        assert foreign.status == "running"
    finally:
        foreign.remove(force=True)
