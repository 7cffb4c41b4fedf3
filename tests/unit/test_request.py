"""What a cell asks of the resolver, how it is run, and what its key depends on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bisectrix.matrix.request import Invocation, cell_key, invocation, lock_request
from bisectrix.model.matrix import Axis, Cell, Matrix, Variant
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import AxisKind, BugKind, MatrixSet, Resolution

REPRO = Repro(
    name="pool",
    path=Path("pool.py"),
    title="",
    bug=Bug(kind=BugKind.HANG),
    dependencies=("httpx>=0.27",),
    env=(("MODE", "repro"), ("KEPT", "1")),
)
VCR = Axis(
    name="vcr",
    kind=AxisKind.VARIANT,
    values=("on", "off"),
    variants=(Variant(args=("--vcr",), env=(("MODE", "variant"),), requirements=("pytest-recording",)), Variant()),
)
AXES = (
    Axis(name="vcrpy", kind=AxisKind.PACKAGE, values=("8.0.0",)),
    Axis(name="anyio", kind=AxisKind.PACKAGE, values=("4.0",)),
    Axis(name="resolution", kind=AxisKind.RESOLUTION, values=("highest", "lowest-direct")),
    Axis(name="MODE", kind=AxisKind.ENV, values=("axis",)),
    VCR,
)
MATRIX = Matrix(
    name="m",
    title="",
    set=MatrixSet.FULL,
    axes=AXES,
    constraints=("urllib3<3",),
    cutoff="2026-01-06T00:00:00Z",
    cutoff_exempt=("vcrpy",),
)
PLAIN = Invocation(args=(), env=())


def cell(**coordinates: str) -> Cell:
    return Cell(repro="pool", coordinates=tuple(sorted(coordinates.items())))


def test_pins_are_constraints_and_variants_bring_requirements() -> None:
    asked = lock_request(
        REPRO, MATRIX, cell(vcrpy="8.0.0", anyio="4.0", vcr="on"), python="3.12", platform="linux-x86_64"
    )
    assert asked.requirements == ("httpx>=0.27", "pytest-recording")
    assert asked.constraints == ("anyio==4.0", "urllib3<3", "vcrpy==8.0.0")
    assert (asked.python, asked.platform) == ("3.12", "linux-x86_64")
    assert (asked.cutoff, asked.cutoff_exempt) == ("2026-01-06T00:00:00Z", ("vcrpy",))
    assert asked.resolution is Resolution.HIGHEST


def test_axes_of_resolution_and_cutoff_override_the_matrix() -> None:
    asked = lock_request(
        REPRO, MATRIX, cell(resolution="lowest-direct", cutoff="2025-01-01T00:00:00Z"), python="3.12", platform="p"
    )
    assert asked.resolution is Resolution.LOWEST_DIRECT
    assert asked.cutoff == "2025-01-01T00:00:00Z"


def test_two_matrices_that_ask_for_the_same_packages_ask_for_the_same_lock() -> None:
    turned = replace(MATRIX, name="other", axes=AXES[::-1])
    asked = {
        lock_request(REPRO, one, cell(vcrpy="8.0.0", anyio="4.0"), python="3.12", platform="p").sha256
        for one in (MATRIX, turned)
    }
    assert len(asked) == 1


def test_a_variable_of_a_variant_beats_the_axis_and_the_axis_the_repro() -> None:
    assert dict(invocation(REPRO, MATRIX, cell(vcr="off")).env) == {"MODE": "repro", "KEPT": "1"}
    assert dict(invocation(REPRO, MATRIX, cell(vcr="off", MODE="axis")).env)["MODE"] == "axis"
    assert dict(invocation(REPRO, MATRIX, cell(vcr="on", MODE="axis")).env)["MODE"] == "variant"


def test_arguments_are_those_of_the_variants() -> None:
    assert invocation(REPRO, MATRIX, cell(vcr="on")).args == ("--vcr",)
    assert invocation(REPRO, MATRIX, cell(vcr="off")).args == ()


def key(
    repro: str = "r", lock: str = "l", python: str = "3.12.1", platform: str = "linux-x86_64", call: Invocation = PLAIN
) -> str:
    return cell_key(
        repro_sha256=repro, lock_sha256=lock, interpreter_version=python, platform=platform, invocation=call
    )


def test_a_key_changes_with_all_that_decides_an_outcome() -> None:
    keys = {
        key(),
        key(repro="x"),
        key(lock="x"),
        key(python="3.12.2"),
        key(platform="linux-aarch64"),
        key(call=Invocation(args=("--vcr",), env=())),
        key(call=Invocation(args=(), env=(("A", "1"),))),
    }
    assert len(keys) == 7


def test_a_key_is_the_same_on_every_machine_and_day() -> None:
    assert key() == "a388ec0f57a99f6404e410725b7a96fbef0e06e7fd4795b4ee5cddce68829819"
