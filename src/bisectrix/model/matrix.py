"""Named axes, their product less exclusions, and one cell of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from bisectrix.model.words import AxisKind, MatrixSet

Coordinates: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of axis name and value, in the order of the axes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """What one named value of a variant axis adds to the repro."""

    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One dimension with its values, oldest first.

    Attributes:
        variants: for kind `variant` what each value means, in the order of `values`; else empty.
    """

    name: str
    kind: AxisKind
    values: tuple[str, ...]
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAxis:
    """A dimension given as a range: every release, or every Python found, that the specifier admits.

    Attributes:
        specifier: a PEP 440 specifier set, or `current` for the Python that runs the harness.
    """

    name: str
    kind: AxisKind
    specifier: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusion:
    """Cells that are not run, and why.

    Attributes:
        where: axis name to value or `fnmatch` pattern; a cell is excluded when all of them match.
    """

    where: Coordinates
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """What a matrix file says.

    Attributes:
        include: additional cells, each a set of coordinates over the same axes.
        cutoff: UTC instant after which uploads do not exist, where no axis sets it; empty means now.
        cutoff_exempt: packages that the cutoff does not bind.
        constraints: PEP 508 constraints for every cell.
        attempts: attempts a cell, 0 means what the repro says.
    """

    name: str
    title: str
    set: MatrixSet
    axes: tuple[Axis | OpenAxis, ...]
    include: tuple[Coordinates, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    cutoff: str = ""
    cutoff_exempt: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    attempts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One value for each axis, for one repro.

    Attributes:
        coordinates: sorted by axis name, so that a cell has one name whatever matrix holds it.
    """

    repro: str
    coordinates: Coordinates = field(default=())

    @property
    def name(self) -> str:
        """`vcr-pool@python=3.12,vcrpy=8.1.1`."""
        return f"{self.repro}@{','.join(f'{axis}={value}' for axis, value in self.coordinates)}"

    def get(self, axis: str, default: str = "") -> str:
        """Return the value along `axis`, or `default` where the cell has no such coordinate."""
        return dict(self.coordinates).get(axis, default)
