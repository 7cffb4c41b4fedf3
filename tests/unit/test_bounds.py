"""What control groups say, read from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.model.words import LimitKind
from bisectrix.supervise.containment.bounds import Bounds


def test_a_kill_for_want_of_memory_is_seen_in_version_1(tmp_path: Path) -> None:
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    (tmp_path / "memory.limit_in_bytes").write_text(f"{64 << 20}\n")
    (tmp_path / "memory.max_usage_in_bytes").write_text(f"{64 << 20}\n")
    crossed = Bounds({"memory": tmp_path}).crossed()
    assert crossed is not None
    assert crossed.limit is LimitKind.MEMORY
    assert "more than 64 MiB" in crossed.detail


@pytest.mark.parametrize(
    "files",
    [
        {
            "memory.oom_control": "oom_kill 1\n",
            "memory.max_usage_in_bytes": f"{50 << 20}\n",
            "memory.limit_in_bytes": f"{64 << 20}\n",
        },
        {"memory.events": "max 0\noom 0\noom_kill 1\n", "memory.max": f"{64 << 20}\n"},
        {"pids.events": "max 1\n", "pids.max": "64\n", "pids.peak": "20\n"},
    ],
    ids=["memory, version 1", "memory, version 2", "processes"],
)
def test_what_a_group_above_or_the_machine_lacked_is_not_said_to_be_our_bound(
    tmp_path: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    crossed = Bounds({"memory": tmp_path, "pids": tmp_path, "": tmp_path}).crossed()
    assert crossed is not None
    assert "below the 64" in crossed.detail
    assert "this machine, or what bisectrix itself runs in" in crossed.detail


def test_a_refused_fork_is_seen_in_version_2(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n")
    (tmp_path / "pids.events").write_text("max 7\n")
    (tmp_path / "pids.max").write_text("80\n")
    crossed = Bounds({"": tmp_path}).crossed()
    assert crossed is not None
    assert crossed.limit is LimitKind.PROCESSES


def test_nothing_is_crossed_where_nothing_can_be_read(tmp_path: Path) -> None:
    bounds = Bounds({"": tmp_path / "gone"})
    assert bounds.crossed() is None
    assert bounds.cpu_s() == 0.0
    assert not bounds.hold(64, 80)


def test_time_counts_from_the_beginning(tmp_path: Path) -> None:
    usage = tmp_path / "cpuacct.usage"
    usage.write_text("1500000000\n")
    bounds = Bounds({"cpuacct": tmp_path})
    bounds.begin()
    usage.write_text("4000000000\n")
    assert bounds.cpu_s() == 2.5


def test_limits_hold_where_the_kernel_knows_of_them(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(f"{64 << 20}\n")
    (tmp_path / "pids.max").write_text("80\n")
    assert Bounds({"": tmp_path}).hold(64, 80)
    (tmp_path / "pids.max").write_text("max\n")
    assert not Bounds({"": tmp_path}).hold(64, 80)
