"""What a cell asks for: a lock, a way to be run, and the key under which its attempts are known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from bisectrix.model.lock import LockRequest
from bisectrix.model.matrix import Axis, Cell, Coordinates, Matrix, Variant
from bisectrix.model.repro import Repro
from bisectrix.model.words import AxisKind, Resolution


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocation:
    """What a cell adds to the repro's command.

    Attributes:
        args: after the repro's own arguments.
        env: name and value, sorted by name.
    """

    args: tuple[str, ...]
    env: tuple[tuple[str, str], ...]


HOST = "host"
"""The value of a platform axis that stands for this machine, without a container."""


def platform_of(matrix: Matrix, cell: Cell, default: str = HOST) -> str:
    """Return `host`, or the image that a cell runs in.

    Args:
        matrix: has the axis that says so, `platform` or `image`.
        cell: one of the matrix.
        default: where there is no such axis.
    """
    along = _along(matrix, cell, AxisKind.PLATFORM)
    return along[0][1] if along else default


def lock_request(repro: Repro, matrix: Matrix, cell: Cell, *, python: str, platform: str) -> LockRequest:
    """Say what has to be resolved for `cell`.

    Constraints are sorted, so that two matrices that ask for the same packages ask for the same lock.

    Args:
        repro: its dependencies, and those of the cell's variants, are the direct requirements.
        matrix: constraints and cutoff for all of its cells.
        cell: one of the matrix.
        python: minor version to resolve for, `3.12`.
        platform: to resolve for, `linux-x86_64`.
    """
    variants = _variants(matrix, cell)
    pins = (f"{name}=={version}" for name, version in _along(matrix, cell, AxisKind.PACKAGE))
    extra = (requirement for variant in variants for requirement in variant.requirements)
    return LockRequest(
        requirements=tuple(dict.fromkeys((*repro.dependencies, *extra))),
        constraints=tuple(sorted({*matrix.constraints, *pins})),
        resolution=Resolution(cell.get("resolution", Resolution.HIGHEST)),
        cutoff=cell.get("cutoff", matrix.cutoff),
        cutoff_exempt=tuple(sorted(set(matrix.cutoff_exempt))),
        python=python,
        platform=platform,
    )


def invocation(repro: Repro, matrix: Matrix, cell: Cell) -> Invocation:
    """Say how `cell` is run: the repro's variables, then those of axes, then those of variants, the later wins."""
    variants = _variants(matrix, cell)
    env = dict(repro.env)
    env.update(_along(matrix, cell, AxisKind.ENV))
    for variant in variants:
        env.update(variant.env)
    return Invocation(args=tuple(arg for variant in variants for arg in variant.args), env=tuple(sorted(env.items())))


def cell_key(
    *, repro_sha256: str, lock_sha256: str, interpreter_version: str, platform: str, invocation: Invocation
) -> str:
    """Return the digest of all that decides an outcome: equal keys, the same attempts count."""
    decisive = {
        "repro": repro_sha256,
        "lock": lock_sha256,
        "python": interpreter_version,
        "platform": platform,
        "args": invocation.args,
        "env": invocation.env,
    }
    canonical = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _along(matrix: Matrix, cell: Cell, kind: AxisKind) -> Coordinates:
    names = {axis.name for axis in matrix.axes if axis.kind is kind}
    return tuple((name, value) for name, value in cell.coordinates if name in names)


def _variants(matrix: Matrix, cell: Cell) -> tuple[Variant, ...]:
    """Return the variants that the cell stands for, by name of their axis."""
    meaning = dict(_meanings(matrix))
    return tuple(meaning[coordinate] for coordinate in cell.coordinates if coordinate in meaning)


def _meanings(matrix: Matrix) -> Iterator[tuple[tuple[str, str], Variant]]:
    for axis in matrix.axes:
        if isinstance(axis, Axis) and axis.kind is AxisKind.VARIANT:
            for value, variant in zip(axis.values, axis.variants, strict=True):
                yield (axis.name, value), variant
