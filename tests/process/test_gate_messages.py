"""What the first process of a container says is heard, however much of it comes at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bisectrix.model.attempt import Exited
from bisectrix.model.repro import Limits
from bisectrix.supervise.containment.gated import Gated
from bisectrix.supervise.containment.interface import Child, LostError
from bisectrix.supervise.instrument import SCRATCH_INSIDE
from bisectrix.supervise.order import Order


@contextmanager
def started(folder: Path, *lines: bytes) -> Iterator[tuple[Gated, socket.socket]]:
    """Give an order to a gate that is no process and has said some lines already."""
    ours, gate = socket.socketpair()
    order = Order(
        argv=("true",),
        env=(),
        cwd=SCRATCH_INSIDE,
        scratch=folder,
        evidence_dir=folder / "evidence",
        limits=Limits(),
        inside=SCRATCH_INSIDE,
    )
    gate.sendall(b"".join(line + b"\n" for line in lines))
    gated = Gated(order, ours.detach())
    child = gated.start(order)
    try:
        yield gated, gate
    finally:
        gate.close()
        gated._connection.close()
        os.close(gated._init_handle)
        _close(child)


def _close(child: Child) -> None:
    for descriptor in (child.pidfd, child.stdout, child.stderr):
        os.close(descriptor)


def test_a_command_that_ended_before_its_start_was_read_has_ended(tmp_path: Path) -> None:
    with started(tmp_path, b'{"started": 2}', b'{"ended": 768}') as (gated, _):
        gated.collect()
        assert gated.main == Exited(code=3)


def test_a_line_that_comes_in_pieces_is_read_when_it_is_whole(tmp_path: Path) -> None:
    with started(tmp_path, b'{"started": 2}') as (gated, gate):
        gate.sendall(b'{"ended"')
        gated.collect()
        assert gated.main is None
        gate.sendall(b": 0}\n")
        gated.collect()
        assert gated.main == Exited(code=0)


def test_an_end_without_a_word_is_no_end_of_the_command(tmp_path: Path) -> None:
    with started(tmp_path, b'{"started": 2}') as (gated, gate):
        gate.close()
        with pytest.raises(LostError, match="ended from outside"):
            gated.collect()
        assert gated.main is None
