"""Mistakes that show only when a matrix is put beside the repro it is run on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from bisectrix.errors import ManifestError, Mistake
from bisectrix.manifest.axes import RESERVED
from bisectrix.manifest.mistakes import Place, key_path
from bisectrix.manifest.texts import nearest
from bisectrix.model.matrix import Axis, Matrix
from bisectrix.model.repro import Repro
from bisectrix.model.words import AxisKind, Resolution

LOWER_BOUNDS = {">=", ">", "==", "===", "~="}
MOST_PATCH_RELEASES = 60
"""More than any minor version of Python ever had."""


def check_together(repro: Repro, matrix: Matrix, *, file: str) -> None:
    """Refuse a matrix that makes no sense for this repro.

    Args:
        repro: what is to be run.
        matrix: where it is to be run.
        file: of the matrix, for the error.

    Raises:
        ManifestError: with all mistakes.
    """
    pair = _Pair(repro=repro, matrix=matrix)
    mistakes = (*_strange_packages(pair), *_pythons_outside(pair), *_bottomless(pair))
    if mistakes:
        raise ManifestError(file, mistakes)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    repro: Repro
    matrix: Matrix

    def direct(self) -> Iterator[Requirement]:
        """Yield what the repro and the variants depend on directly."""
        yield from map(Requirement, self.repro.dependencies)
        for axis in self.matrix.axes:
            for variant in axis.variants if isinstance(axis, Axis) else ():
                yield from map(Requirement, variant.requirements)

    def packages(self) -> Iterator[str]:
        """Yield the names of the package axes."""
        return (axis.name for axis in self.matrix.axes if axis.kind is AxisKind.PACKAGE)

    def along(self, name: str) -> Iterator[tuple[Place, str]]:
        """Yield the values listed along an axis, and those of included cells, with their places."""
        for axis in self.matrix.axes:
            if axis.name == name and isinstance(axis, Axis):
                yield from ((("axes", name), value) for value in axis.values)
        for index, cell in enumerate(self.matrix.include):
            yield from ((("include", index, name), value) for axis, value in cell if axis == name)


def _name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def _strange_packages(pair: _Pair) -> Iterator[Mistake]:
    direct = {_name(requirement): None for requirement in pair.direct()}
    for package in pair.packages():
        if package not in direct:
            yield Mistake(
                key_path=key_path(("axes", package)),
                found="a package that the repro does not depend on",
                expected=f"one of its dependencies {', '.join(direct)}" if direct else "one of its dependencies",
                hint=nearest(package, [*direct, *sorted(RESERVED)], otherwise="add it to the repro's dependencies"),
            )


def _pythons_outside(pair: _Pair) -> Iterator[Mistake]:
    wanted = SpecifierSet(pair.repro.requires_python)
    for place, minor in pair.along("python"):
        if not any(f"{minor}.{patch}" in wanted for patch in range(MOST_PATCH_RELEASES)):
            yield Mistake(
                key_path=key_path(place), found=f'"{minor}"', expected=f"a Python that the repro admits, {wanted}"
            )


def _bottomless(pair: _Pair) -> Iterator[Mistake]:
    """Yield the direct dependencies of which a low resolution would pick the first release ever uploaded."""
    low = [(place, value) for place, value in pair.along("resolution") if value != Resolution.HIGHEST]
    if not low:
        return
    place, value = low[0]
    held = {*pair.packages(), *(_name(bound) for bound in _bounds(pair.matrix) if _has_bottom(bound))}
    bottomless = {_name(each): None for each in pair.direct() if not _has_bottom(each) and _name(each) not in held}
    for name in bottomless:
        yield Mistake(
            key_path=key_path(place),
            found=f'"{value}"',
            expected=f"a lower bound on {name}, or its first release ever uploaded would be picked",
            hint=f'write "{name}>=VERSION" in the dependencies',
        )


def _bounds(matrix: Matrix) -> Iterator[Requirement]:
    return map(Requirement, matrix.constraints)


def _has_bottom(requirement: Requirement) -> bool:
    return bool(requirement.url) or any(bound.operator in LOWER_BOUNDS for bound in requirement.specifier)
