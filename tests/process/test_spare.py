"""What is made before there is an order: it is taken where it fits, and nothing of it stays where it does not."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bisectrix.model.repro import Limits
from bisectrix.model.words import ContainmentKind, Network
from bisectrix.supervise import proc
from bisectrix.supervise.containment.machine import Machine, explore
from bisectrix.supervise.containment.spare import Spare
from bisectrix.supervise.order import Order

KINDS = [kind for kind in ContainmentKind if kind is not ContainmentKind.CONTAINER]


def in_a_child(judge: Callable[[], str]) -> str:
    """Return what `judge` says in a process of its own, as wardens are."""
    answer, answer_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(answer_end, judge().encode())
        finally:
            os._exit(0)
    os.close(answer_end)
    with os.fdopen(answer) as said:
        text = said.read()
    os.waitpid(pid, 0)
    return text


def order_in(folder: Path, network: Network) -> Order:
    return Order(
        argv=("true",),
        env=(("PATH", os.environ["PATH"]),),
        cwd=folder,
        scratch=folder,
        evidence_dir=folder,
        limits=Limits(),
        network=network,
    )


@pytest.fixture(scope="module")
def machine() -> Machine:
    return explore()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("network", [Network.LOOPBACK, Network.BRIDGE])
def test_an_order_gets_what_was_made_for_it_or_what_it_needs(
    machine: Machine, kind: ContainmentKind, network: Network, tmp_path: Path
) -> None:
    if not machine.offers(kind):
        pytest.skip(f"no {kind} here")
    order = order_in(tmp_path, network)

    def judge() -> str:
        spare = Spare(machine, kind)
        ready = spare._ready
        assert ready
        waiting = ready.pids()
        contained = spare.contain(order)
        gone = [pid for pid in waiting if not proc.lives(pid)]
        kept = "kept" if contained is ready else f"another, {len(gone)} of {len(waiting)} gone"
        return f"{kept}; nothing left: {contained.end()} {contained.pids()}"

    told = "kept" if network is Network.LOOPBACK else "another, 1 of 1 gone"
    assert in_a_child(judge) == f"{told}; nothing left: True ()"


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_killed_before_its_order_came_is_made_again(
    machine: Machine, kind: ContainmentKind, tmp_path: Path
) -> None:
    if not machine.offers(kind):
        pytest.skip(f"no {kind} here")
    order = order_in(tmp_path, Network.LOOPBACK)

    def judge() -> str:
        spare = Spare(machine, kind)
        ready = spare._ready
        assert ready
        (waiting,) = ready.pids()
        handle = os.pidfd_open(waiting)
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [])
        contained = spare.contain(order)
        started = contained.start(order)
        return f"{contained is ready} {started.pid > 0}; nothing left: {contained.end()} {contained.pids()}"

    assert in_a_child(judge) == "False True; nothing left: True ()"
