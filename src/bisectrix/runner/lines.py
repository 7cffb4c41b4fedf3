"""What can be bisected: the values of an axis, oldest first, and the cell that stands for each."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from bisectrix.errors import UsageError
from bisectrix.model.environment import Interpreter
from bisectrix.model.matrix import Axis, Cell, Matrix
from bisectrix.model.words import AxisKind, MatrixSet, Resolution
from bisectrix.resolve.releases import Release
from bisectrix.runner.planning import SEARCHED, PlannedCell, Subject


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What stays the same along a line.

    Attributes:
        python: minor version.
        cutoff: UTC instant; empty means none.
    """

    subject: Subject
    python: str
    resolution: Resolution
    cutoff: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """An axis to search.

    Attributes:
        axis: its name, the package for a line of releases.
        values: oldest first.
        option: how it is asked for on the command line.
        dropped: values that were left out before the search, with the reason.
    """

    ground: Ground
    axis: str
    kind: AxisKind
    values: tuple[str, ...]
    option: str
    dropped: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What a person knows the values by."""
        return self.values

    def holds(self, cell: Cell) -> bool:
        """Say whether what a cell of the repro shows says something about a value here."""
        return cell.get(self.axis) in self.values

    @property
    def origin(self) -> str:
        """Name of the matrix whose axis it is; empty for one that was made for the search."""
        return ""

    @property
    def matrix(self) -> str:
        """Name under which its cells are recorded."""
        return f"{SEARCHED}{self.origin}-{self.axis}" if self.origin else f"{SEARCHED}{self.axis}"

    def cell(self, value: str, *, held: tuple[tuple[str, str], ...] = (), anchor: str = "") -> PlannedCell:
        """Return the cell of one value.

        Args:
            value: along the axis; empty leaves the axis open, so that the resolver chooses.
            held: name and version of the other packages that must not move.
            anchor: the value whose lock they were taken from, which becomes part of the cell's name.
        """
        fixed = {
            AxisKind.PYTHON: self.ground.python,
            AxisKind.RESOLUTION: str(self.ground.resolution),
            AxisKind.CUTOFF: self.ground.cutoff,
        }
        axes = {str(kind): Axis(name=str(kind), kind=kind, values=(text,)) for kind, text in fixed.items() if text}
        if value:
            axes[self.axis] = Axis(name=self.axis, kind=self.kind, values=(value,))
        coordinates = {name: axis.values[0] for name, axis in axes.items()}
        if self.kind is AxisKind.PACKAGE:
            coordinates["others"] = (f"as-with-{anchor}" if anchor else "as-resolved") if held else "free"
        matrix = Matrix(
            name=self.matrix,
            title=f"Bisection over {self.axis}",
            set=MatrixSet.FULL,
            axes=tuple(axes.values()),
            constraints=tuple(f"{name}=={version}" for name, version in held if name != self.axis),
        )
        cell = Cell(repro=self.ground.subject.repro.name, coordinates=tuple(sorted(coordinates.items())))
        return PlannedCell(subject=self.ground.subject, matrix=matrix, cell=cell, attempts=1)

    def crossed(self, value: str, others: tuple[tuple[str, str], ...], of: str) -> PlannedCell:
        """Return the cell of one value with all packages that go with another one, also those it does not need.

        Args:
            value: along the axis.
            others: name and version of what is installed beside it.
            of: the value whose lock they were taken from.
        """
        planned = self.cell(value)
        pins = tuple(f"{name}=={version}" for name, version in others if name != self.axis)
        repro = replace(planned.subject.repro, dependencies=(*planned.subject.repro.dependencies, *pins))
        coordinates = {**dict(planned.cell.coordinates), "others": f"all-of-{of}"}
        return replace(
            planned,
            subject=replace(planned.subject, repro=repro),
            cell=replace(planned.cell, coordinates=tuple(sorted(coordinates.items()))),
        )


def release_line(
    ground: Ground, package: str, releases: Sequence[Release], interpreter: Interpreter, *, within: str, pre: bool
) -> Line:
    """Return the releases of a package that can be installed on an interpreter, in the order of their versions.

    Args:
        ground: what stays the same.
        package: normalised name.
        releases: all there are, oldest first.
        interpreter: what they are installed for.
        within: PEP 440 range to stay in; empty means all.
        pre: pre-releases too.

    Raises:
        UsageError: the range is malformed.
    """
    try:
        wanted = SpecifierSet(within, prereleases=True)
    except InvalidSpecifier:
        raise UsageError(f"{within!r} is no range of versions", place="--within", hint="such as >=2.0,<3") from None
    tags = _tags(interpreter)
    values, dropped = [], []
    for release in releases:
        if release.version not in wanted:
            continue
        reason = _why_not(release, interpreter, tags, pre=pre)
        if reason:
            dropped.append((str(release.version), reason))
        else:
            values.append(str(release.version))
    return Line(
        ground=replace(ground, subject=unbound(ground.subject, package)),
        axis=package,
        kind=AxisKind.PACKAGE,
        values=tuple(values),
        option=shlex.join(
            ("--package", package, *(("--within", within) if within else ()), *(("--pre",) if pre else ()))
        ),
        dropped=tuple(dropped),
    )


def day_line(ground: Ground, first: date, last: date) -> Line:
    """Return the starts of the days from `first` to `last`, both included, as instants in UTC."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    instants = (datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat().replace("+00:00", "Z") for day in days)
    return Line(
        ground=replace(ground, cutoff=""),
        axis="cutoff",
        kind=AxisKind.CUTOFF,
        values=tuple(instants),
        option=f"--dates {first}..{last}",
    )


def python_line(ground: Ground, minors: tuple[str, ...]) -> Line:
    """Return minor versions of Python, oldest first."""
    ground = replace(ground, python="")
    return Line(ground=ground, axis="python", kind=AxisKind.PYTHON, values=minors, option="--pythons")


def unbound(subject: Subject, package: str) -> Subject:
    """Return the subject without the repro's own bounds on a package, which would end the line too early."""
    requirements = [Requirement(text) for text in subject.repro.dependencies]
    for requirement in requirements:
        if canonicalize_name(requirement.name) == package:
            requirement.specifier = SpecifierSet()
    return replace(subject, repro=replace(subject.repro, dependencies=tuple(map(str, requirements))))


def _why_not(release: Release, interpreter: Interpreter, tags: frozenset[Tag], *, pre: bool) -> str:
    if release.yanked:
        return "yanked"
    if release.version.is_prerelease and not pre:
        return "pre-release"
    if not _admits(release.requires_python, interpreter):
        return f"requires Python {release.requires_python}"
    if not any(_fits(name, tags) for name in release.files):
        return f"no file for Python {interpreter.minor} on {interpreter.platform}"
    return ""


def _admits(requires_python: str, interpreter: Interpreter) -> bool:
    """Say whether metadata allows a Python; what is no range allows every one, as installers see it."""
    try:
        return interpreter.version in SpecifierSet(requires_python)
    except InvalidSpecifier:
        return True


def _fits(name: str, tags: frozenset[Tag]) -> bool:
    if not name.endswith(".whl"):
        return True
    try:
        return bool(parse_wheel_filename(name)[3] & tags)
    except InvalidWheelFilename:
        return False


def _tags(interpreter: Interpreter) -> frozenset[Tag]:
    major, minor = (int(part) for part in interpreter.minor.split("."))
    version = (major, minor)
    return frozenset((*cpython_tags(version), *compatible_tags(version, f"cp{major}{minor}")))
