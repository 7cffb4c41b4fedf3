"""What will be run: names and options become an ordered list of cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bisectrix.errors import NothingSelectedError
from bisectrix.manifest.digest import repro_sha256
from bisectrix.matrix.expand import expand
from bisectrix.matrix.request import platform_of
from bisectrix.matrix.selection import Selection, names
from bisectrix.matrix.sources import with_commits, without_releases
from bisectrix.model.matrix import Cell, Matrix, OpenAxis
from bisectrix.model.repro import Repro
from bisectrix.model.source import Source
from bisectrix.model.words import AxisKind, MatrixSet
from bisectrix.project import Project, repro_files
from bisectrix.runner.opening import CURRENT

SEARCHED = "bisect-"
"""What the names of the matrices begin with that a search makes up on its way."""

ON_CURRENT_PYTHON = Matrix(
    name="current-python",
    title="On the Python that runs the harness",
    set=MatrixSet.QUICK,
    axes=(OpenAxis(name="python", kind=AxisKind.PYTHON, specifier=CURRENT),),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A repro as it lies on the disk now; `files` is what an attempt gets to see of it."""

    repro: Repro
    sha256: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedCell:
    """A cell with what is needed to run it.

    Attributes:
        attempts: how many are wanted.
        sources: packages that are commits instead of releases; the cell has a coordinate for each.
    """

    subject: Subject
    matrix: Matrix
    cell: Cell
    attempts: int
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """Cells in the order in which they start, and those excluded with their reasons."""

    cells: tuple[PlannedCell, ...]
    excluded: tuple[tuple[Cell, str], ...]


class Pick(StrEnum):
    """Which of the matrices that a repro names are run."""

    FIRST = "first"
    QUICK = "quick"
    FULL = "full"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What the command line asks for.

    Attributes:
        names: repros; empty means all.
        matrix: name of a matrix; empty means those picked.
        attempts: a cell; 0 means what matrix or repro say.
        sources: commits to run with instead of any release of their packages.
    """

    names: tuple[str, ...]
    matrix: str
    pick: Pick
    selection: Selection | None
    attempts: int
    sources: tuple[Source, ...] = ()


def plan(project: Project, wish: Wish, open_axis: Callable[[Repro, OpenAxis], tuple[str, ...]]) -> Planned:
    """Read the manifests and expand their matrices.

    Args:
        project: where they lie.
        wish: what is asked for.
        open_axis: gives the values of an axis that is written as a range.

    Raises:
        UsageError: an unknown repro or matrix.
        ManifestError: mistakes in a file.
        NothingSelectedError: no cell is left.
    """
    cells: dict[str, PlannedCell] = {}
    excluded: dict[Cell, str] = {}
    for subject, matrix in _chosen(project, wish):
        opened = {axis.name: open_axis(subject.repro, axis) for axis in matrix.axes if isinstance(axis, OpenAxis)}
        expanded = expand(subject.repro, matrix, opened)
        attempts = wish.attempts or matrix.attempts or subject.repro.attempts
        excluded |= dict(expanded.excluded)
        for cell in (with_commits(cell, wish.sources) for cell in expanded.cells):
            planned = PlannedCell(subject=subject, matrix=matrix, cell=cell, attempts=attempts, sources=wish.sources)
            cells.setdefault(cell.name, planned)
    if not cells:
        raise _no_matrix(wish)
    selected = tuple(planned for planned in cells.values() if _is_selected(wish, planned.cell))
    if not selected:
        raise _no_cell(wish, {axis for planned in cells.values() for axis, _ in planned.cell.coordinates})
    return Planned(
        cells=selected, excluded=tuple((cell, why) for cell, why in excluded.items() if _is_selected(wish, cell))
    )


def without_trust(planned: Planned, here: Collection[str]) -> Planned:
    """Trust no repro, whatever its manifest says, and exclude what a matrix wants to run on this machine.

    Args:
        planned: what would be run.
        here: values of the platform axis that stand for this machine.

    Raises:
        NothingSelectedError: no cell is left.
    """
    kept, excluded = [], list(planned.excluded)
    for one in planned.cells:
        if platform_of(one.matrix, one.cell, default="") in here:
            excluded.append((one.cell, "its matrix wants it on this machine, and it is not trusted"))
        else:
            subject = replace(one.subject, repro=replace(one.subject.repro, trusted=False))
            kept.append(replace(one, subject=subject))
    if not kept:
        raise NothingSelectedError("all cells are to run on this machine, and none is trusted", hint="name an image")
    return Planned(cells=tuple(kept), excluded=tuple(excluded))


def subject_of(project: Project, name: str) -> Subject:
    """Read a repro with its files.

    Raises:
        UsageError: there is none of this name.
        ManifestError: mistakes in its manifest.
    """
    repro = project.repro(name)
    files = repro_files(repro)
    return Subject(repro=repro, sha256=repro_sha256(repro, files), files=files)


def _is_selected(wish: Wish, cell: Cell) -> bool:
    return wish.selection is None or wish.selection(cell)


def matrices_of(project: Project, repro: Repro, *, chosen: str = "", pick: Pick = Pick.ALL) -> tuple[Matrix, ...]:
    """Return the matrix called `chosen`, else the picked ones of the repro, each checked against it.

    A repro that names no matrix has one without a file: itself on the Python that runs the harness.
    """
    if chosen:
        return (project.checked(repro, project.matrix(chosen)),)
    named = [project.matrix(name) for name in repro.matrices] or [ON_CURRENT_PYTHON]
    return tuple(project.checked(repro, matrix) for matrix in _picked(named, pick))


def _picked(named: list[Matrix], pick: Pick) -> list[Matrix]:
    match pick:
        case Pick.FIRST:
            return named[:1]
        case Pick.QUICK:
            return [matrix for matrix in named if matrix.set is MatrixSet.QUICK]
        case Pick.FULL:
            return [matrix for matrix in named if matrix.set is MatrixSet.FULL]
        case Pick.ALL:
            return named


def _chosen(project: Project, wish: Wish) -> Iterator[tuple[Subject, Matrix]]:
    for name in wish.names or project.repro_names():
        subject = subject_of(project, name)
        for matrix in matrices_of(project, subject.repro, chosen=wish.matrix, pick=wish.pick):
            yield subject, without_releases(matrix, wish.sources)


def _no_cell(wish: Wish, axes: set[str]) -> NothingSelectedError:
    unknown = sorted(names(wish.selection) - axes) if wish.selection else []
    hint = f"there is no axis {unknown[0]}, only {', '.join(sorted(axes))}" if unknown else ""
    return NothingSelectedError("no cell matches -k", hint=hint or "bisectrix list --cells shows their names")


def _no_matrix(wish: Wish) -> NothingSelectedError:
    return NothingSelectedError(
        f"no {wish.pick} matrix is named by {' '.join(wish.names) or 'any repro'}",
        hint="bisectrix list shows which matrices there are; --set all runs every one",
    )
