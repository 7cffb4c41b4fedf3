"""How a container is asked for: the bounds and rights that are the default."""

from __future__ import annotations

from typing import Any

import pytest

from bisectrix.containers.engine import About, split_reference, usual_places
from bisectrix.containers.flags import Mount, Wanted, config
from bisectrix.containers.owner import is_orphaned, owner
from bisectrix.containers.session import NOBODY, users
from bisectrix.model.repro import Limits
from bisectrix.model.words import Network


def host_config(network: Network = Network.LOOPBACK) -> dict[str, Any]:
    wanted = Wanted(
        image="sha256:0",
        command=("python",),
        user=NOBODY,
        env={"B": "2", "A": "1"},
        mounts=(Mount(source="/here", target="/there"),),
        labels={"who": "us"},
        limits=Limits(memory_mib=100, processes=10),
        network=network,
        cpus=2,
    )
    made = config(wanted)
    assert made["User"] == "65534:65534"
    assert made["Env"] == ["A=1", "B=2"]
    host: dict[str, Any] = made["HostConfig"]
    return host


def test_a_container_has_no_rights_and_can_get_none() -> None:
    host = host_config()
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["AutoRemove"] is False
    assert host["IpcMode"] == "private"
    assert all(mount["ReadOnly"] for mount in host["Mounts"])


def test_a_container_has_the_bounds_of_the_manifest() -> None:
    host = host_config()
    assert host["Memory"] == host["MemorySwap"] == 100 << 20
    assert host["PidsLimit"] == 80
    assert host["NanoCpus"] == 2_000_000_000
    assert {limit["Name"] for limit in host["Ulimits"]} == {"core", "nofile", "nproc", "fsize"}
    assert "noexec" in host["Tmpfs"]["/tmp"]  # noqa: S108  (the container's)
    assert all("size=" in options for options in host["Tmpfs"].values())


@pytest.mark.parametrize(
    ("network", "mode"), [(Network.NONE, "none"), (Network.LOOPBACK, "none"), (Network.BRIDGE, "bridge")]
)
def test_the_network_is_what_the_manifest_asks_for(network: Network, mode: str) -> None:
    assert host_config(network)["NetworkMode"] == mode


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("python", ("python", "latest")),
        ("python:3.12-slim", ("python", "3.12-slim")),
        ("localhost:5000/team/base", ("localhost:5000/team/base", "latest")),
        ("localhost:5000/team/base:1", ("localhost:5000/team/base", "1")),
        ("python@sha256:ab", ("python", "sha256:ab")),
    ],
)
def test_a_reference_is_a_name_and_a_tag_or_digest(reference: str, expected: tuple[str, str]) -> None:
    assert split_reference(reference) == expected


def about(name: str, *, rootless: bool) -> About:
    return About(name=name, version="1", api="1.41", rootless=rootless, cgroups="2")


def test_attempts_run_as_nobody_where_we_are_root_and_else_as_ourselves() -> None:
    assert users(about("Docker", rootless=False), 0, 0) == ("0:0", NOBODY, "")
    assert users(about("Docker", rootless=False), 1000, 100) == ("1000:100", "1000:100", "")
    assert users(about("podman", rootless=True), 1000, 100) == ("1000:100", "1000:100", "keep-id")
    assert users(about("Docker", rootless=True), 1000, 100) == ("0:0", "0:0", "")


def test_only_a_harness_that_has_surely_ended_leaves_orphans() -> None:
    boot, namespace, pid, start = owner().split()
    assert not is_orphaned(owner())
    assert not is_orphaned("")
    assert not is_orphaned("somebody else's label")
    assert is_orphaned(f"{boot} {namespace} {pid} {int(start) + 1}")
    assert is_orphaned(f"another-boot {namespace} {pid} {start}")
    assert not is_orphaned(f"{boot} pid:[1] {pid} {int(start) + 1}")


def test_docker_host_is_not_the_only_place_that_is_tried() -> None:
    places = list(usual_places({"XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/x"}))
    assert places[0] == "unix:///var/run/docker.sock"
    assert "unix:///run/user/7/podman/podman.sock" in places
