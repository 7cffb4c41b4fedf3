"""Where groups of ours belong, from what the kernel says of mounts and memberships."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.model.words import LimitKind
from bisectrix.supervise.containment.hierarchies import Hierarchies, candidates, dialect

V1 = """\
29 23 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
30 23 0:27 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
31 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
"""
BOTH = {LimitKind.MEMORY, LimitKind.PROCESSES}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Lay out a hierarchy of version 2 in which what runs in `user/session` may be bounded below `user`."""
    for folder, enabled in (("", "cpu memory pids"), ("user", "memory pids"), ("user/session", "")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "cgroup.subtree_control").write_text(enabled)
    return tmp_path


def unified(top: Path, root: str = "/") -> str:
    return f"35 23 0:30 {root} {top} rw,relatime - cgroup2 cgroup2 rw\n"


def test_in_version_2_it_is_the_nearest_folder_upwards_whose_groups_can_be_bounded(top: Path) -> None:
    found = candidates(unified(top), "0::/user/session\n")
    assert found.kill == f"{top}/user"
    assert dict(found.bounds) == dict.fromkeys(BOTH, f"{top}/user")
    assert found.folders == (f"{top}/user",)


def test_in_version_2_nothing_is_bounded_where_one_controller_is_missing(top: Path) -> None:
    for folder in ("", "user"):
        (top / folder / "cgroup.subtree_control").write_text("pids cpu")
    assert candidates(unified(top), "0::/user/session\n") == Hierarchies(kill=f"{top}/user/session")


def test_a_part_of_version_2_that_is_mounted_apart_is_its_own_top(top: Path) -> None:
    found = candidates(unified(top / "user", root="/somewhere/user"), "0::/somewhere/user/session\n")
    assert found.kill == f"{top}/user"


def test_in_version_1_it_is_our_own_folder_of_each_controller() -> None:
    found = candidates(V1, "8:pids:/here\n4:memory:/there/below\n1:cpu,cpuacct:/\n")
    assert found == Hierarchies(
        bounds=(
            (LimitKind.MEMORY, "/sys/fs/cgroup/memory/there/below"),
            (LimitKind.PROCESSES, "/sys/fs/cgroup/pids/here"),
        )
    )


def test_version_2_kills_where_version_1_bounds(top: Path) -> None:
    for folder in ("", "user"):
        (top / folder / "cgroup.subtree_control").write_text("hugetlb")
    found = candidates(V1 + unified(top), "8:pids:/\n4:memory:/\n0::/user\n")
    assert found.kill == f"{top}/user"
    assert dict(found.bounds).keys() == BOTH
    assert len(found.folders) == 3


def test_where_nothing_is_mounted_there_is_nothing() -> None:
    assert candidates("22 1 0:20 / /proc rw - proc proc rw\n", "0::/\n") == Hierarchies()


@pytest.mark.parametrize(
    ("file", "events"), [("memory.max", "memory.events"), ("memory.limit_in_bytes", "memory.oom_control")]
)
def test_a_group_is_spoken_to_in_its_own_version(tmp_path: Path, file: str, events: str) -> None:
    (tmp_path / file).touch()
    assert dialect(LimitKind.MEMORY, tmp_path).events == events
