"""The bounds that are watched, with looks made up."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from bisectrix.model.attempt import Limited
from bisectrix.model.repro import Limits
from bisectrix.model.words import LimitKind
from bisectrix.supervise.bounds import Bounds
from bisectrix.supervise.containment.interface import Containment
from bisectrix.supervise.order import Order
from bisectrix.supervise.sampler import Extent, Glance


class _Counted:
    """A containment that the kernel counts time for."""

    cpu_s = 0.0

    def __init__(self, counted_cpu_s: float) -> None:
        self.counted_cpu_s = counted_cpu_s

    @staticmethod
    def limit_crossed() -> Limited | None:
        return None


def bounds(folder: Path, limits: Limits, counted_cpu_s: float = 0.0) -> Bounds:
    order = Order(argv=("true",), env=(), cwd=folder, scratch=folder, evidence_dir=folder, limits=limits)
    return Bounds(order, cast("Containment", _Counted(counted_cpu_s)))


def glance(threads: int) -> Glance:
    return Glance(pids=(), extent=Extent(processes=1, threads=threads), stirred=True, look=None)


def test_five_hundred_threads_are_no_reason_to_end_a_program_and_five_thousand_are(tmp_path: Path) -> None:
    watched = bounds(tmp_path, Limits(processes=64))
    assert watched.crossed(glance(500)) is None
    assert watched.crossed(glance(5000)) == Limited(
        limit=LimitKind.PROCESSES, detail="5000 threads at once, 1024 allowed"
    )


def test_time_that_nobody_was_told_of_counts_where_the_kernel_counts_it(tmp_path: Path) -> None:
    assert bounds(tmp_path, Limits(cpu_s=1e-9)).crossed(glance(1)) is None
    told = bounds(tmp_path, Limits(cpu_s=1e-9), counted_cpu_s=2.0).crossed(glance(1))
    assert told is not None
    assert told.limit is LimitKind.CPU
