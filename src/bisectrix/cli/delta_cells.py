"""The two cells of a delta: one of a matrix, or any that can be told in words."""

from __future__ import annotations

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bisectrix.cli.bisect_question import subject_of
from bisectrix.errors import UsageError
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Axis, Cell, Matrix
from bisectrix.model.words import AxisKind, MatrixSet, Resolution
from bisectrix.runner.cell import CellRunner
from bisectrix.runner.lines import unbound
from bisectrix.runner.planning import Pick, PlannedCell, Wish, matrices_of, plan
from bisectrix.runner.tools import Tools
from bisectrix.runner.work import Work

MADE_UP = "delta"
"""Name of the matrix of a cell that is in none."""

ONLY_IN_A_MATRIX = {AxisKind.VARIANT, AxisKind.ENV, AxisKind.PLATFORM}


def cell_to_compare(tools: Tools, runner: CellRunner, name: str, text: str, option: str) -> Work:
    """Resolve a cell of a repro.

    Args:
        tools: what is asked.
        runner: what resolves it.
        name: the repro.
        text: `NAME@python=3.11,vcrpy=8.1.1`, or only what stands behind the @.
        option: where it was said.

    Raises:
        UsageError: it makes no sense, or it cannot be resolved.
    """
    coordinates = _coordinates(name, text, option)
    planned = _in_a_matrix(tools, name, coordinates) or _made_up(tools, name, coordinates, option)
    work = runner.work(planned)
    if isinstance(work, Unavailable):
        said = " ".join(work.explanation.split())
        raise UsageError(f"{planned.cell.name} cannot be run: {said}", place=option, hint=work.remedy)
    if planned.matrix.name == MADE_UP:
        _check_packages(work, option)
    return work


def check_comparable(good: Work, bad: Work) -> None:
    """See that nothing but packages is different.

    Raises:
        UsageError: more is, or nothing at all.
    """
    if good.interpreter != bad.interpreter:
        versions = f"{good.interpreter.version} and {bad.interpreter.version}"
        raise UsageError(f"the cells are on two Pythons, {versions}", hint="name the same python= in both")
    if good.call != bad.call:
        hint = "choose two cells that are run alike; with --axis a bisection searches over how it is run"
        raise UsageError("the cells differ in arguments or variables, not in packages alone", hint=hint)
    if good.lock.packages == bad.lock.packages:
        raise UsageError("both cells have the same packages, so no package makes the difference")


def _coordinates(name: str, text: str, option: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.removeprefix(f"{name}@").split(",")]
    if not all(axis and value for axis, _, value in pairs):
        hint = f"such as python=3.11,httpx=0.27.2; bisectrix list {name} --cells shows those of its matrices"
        raise UsageError(f"{text!r} is no cell", place=option, hint=hint)
    return {axis: value for axis, _, value in pairs}


def _in_a_matrix(tools: Tools, name: str, coordinates: dict[str, str]) -> PlannedCell | None:
    wish = Wish(names=(name,), matrix="", pick=Pick.ALL, selection=None, attempts=0)
    cells = plan(tools.project, wish, tools.opener(anew=False)).cells
    return next((planned for planned in cells if dict(planned.cell.coordinates) == coordinates), None)


def _made_up(tools: Tools, name: str, coordinates: dict[str, str], option: str) -> PlannedCell:
    subject = subject_of(tools.project, name)
    known = {axis.name: axis.kind for matrix in matrices_of(tools.project, subject.repro) for axis in matrix.axes}
    axes = [_axis(known, axis, value, option) for axis, value in coordinates.items()]
    if not any(axis.kind is AxisKind.PYTHON for axis in axes):
        axes.append(Axis(name="python", kind=AxisKind.PYTHON, values=(tools.current_python,)))
    for axis in axes:
        if axis.kind is AxisKind.PACKAGE:
            subject = unbound(subject, axis.name)
    matrix = Matrix(name=MADE_UP, title="Named on the command line", set=MatrixSet.FULL, axes=tuple(axes))
    named = tuple(sorted((axis.name, axis.values[0]) for axis in axes))
    return PlannedCell(subject=subject, matrix=matrix, cell=Cell(repro=name, coordinates=named), attempts=1)


def _axis(known: dict[str, AxisKind], name: str, value: str, option: str) -> Axis:
    """Return the axis that a coordinate names: one of the reserved ones, or a package.

    Raises:
        UsageError: only a matrix can say what it means, or it is no value of that axis.
    """
    kind = known.get(name) or (AxisKind(name) if name in {*AxisKind} else AxisKind.PACKAGE)
    if kind in ONLY_IN_A_MATRIX:
        hint = "name a whole cell of the matrix that has this axis: bisectrix list --cells"
        raise UsageError(f"no matrix has such a cell, and {name} means nothing outside of one", place=option, hint=hint)
    if kind is AxisKind.RESOLUTION and value not in {*Resolution}:
        raise UsageError(f"{value!r} is no resolution", place=option, hint=f"one of {', '.join(Resolution)}")
    if kind is AxisKind.CUTOFF and "T" not in value:
        value = f"{value}T00:00:00Z"
    if kind is not AxisKind.PACKAGE:
        return Axis(name=name, kind=kind, values=(value,))
    try:
        return Axis(name=canonicalize_name(name), kind=kind, values=(str(Version(value)),))
    except InvalidVersion:
        raise UsageError(f"{value!r} is no version of {name}", place=option, hint="such as 8.1.1") from None


def _check_packages(work: Work, option: str) -> None:
    """See that every package that was named is there: a constraint on one that nobody needs would do nothing."""
    there = dict(work.lock.packages)
    for axis in work.planned.matrix.axes:
        if axis.kind is AxisKind.PACKAGE and axis.name not in there:
            raise UsageError(
                f"{work.planned.cell.name} has no package {axis.name}", place=option, hint=f"it has {', '.join(there)}"
            )
