"""From words on the command line to what is searched: the axis, the ends that are known, the budget."""

from __future__ import annotations

import re
import shlex
from datetime import date

from packaging.version import InvalidVersion, Version

from bisectrix.environments.interpreters import choose
from bisectrix.errors import UsageError
from bisectrix.judge.shown import shows
from bisectrix.manifest.digest import repro_sha256
from bisectrix.matrix.selection import parse_selection
from bisectrix.model.bisection import Pins
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import OpenAxis
from bisectrix.model.repro import Repro
from bisectrix.model.result import CellResult, Decided, Ran
from bisectrix.model.words import AxisKind, Resolution, Verdict
from bisectrix.project import Project, repro_files
from bisectrix.record.published import load, merged
from bisectrix.resolve.releases import all_releases
from bisectrix.runner.lines import Ground, Line, day_line, python_line, release_line
from bisectrix.runner.matrix_line import MatrixLine, matrix_line
from bisectrix.runner.planning import Pick, Subject, Wish, plan
from bisectrix.runner.tools import Tools
from bisectrix.search.question import Anywhere, Around, Between, Task, Terms

ALWAYS_SHOWS = 0.97
"""Prior that a bug always shows, for a repro whose manifest asks for one attempt."""

SECONDS = {"s": 1, "m": 60, "h": 3600}
EVERY_PYTHON = OpenAxis(name="python", kind=AxisKind.PYTHON, specifier=">=3")


def subject_of(project: Project, name: str) -> Subject:
    """Read a repro as it lies on the disk now."""
    repro = project.repro(name)
    files = repro_files(repro)
    return Subject(repro=repro, sha256=repro_sha256(repro, files), files=files)


def ground_of(tools: Tools, name: str, python: str, resolution: Resolution) -> Ground:
    """Read the repro, and say what stays the same while it is searched."""
    subject = subject_of(tools.project, name)
    return Ground(subject=subject, python=python or tools.current_python, resolution=resolution)


def line_of(tools: Tools, ground: Ground, package: str, dates: str, *, within: str, pre: bool) -> Line:
    """Return the axis: releases of `package`, else the days of `dates`, else the Pythons found.

    Raises:
        UsageError: there is nothing on it, or no such Python.
        InfraError: the index does not answer.
    """
    if package:
        line = _release_line(tools, ground, package, within=within, pre=pre)
    elif dates:
        line = day_line(ground, *_days(dates))
    else:
        line = python_line(ground, tools.opener(anew=False)(ground.subject.repro, EVERY_PYTHON))
    if not line.values:
        reason = f"; the first was left out: {line.dropped[0][1]}" if line.dropped else ""
        raise UsageError(f"there is no {line.axis} to search over{reason}")
    return line


def axis_line(tools: Tools, name: str, axis: str, matrix: str, expression: str) -> MatrixLine:
    """Return the line of the cells of a matrix that match.

    Raises:
        UsageError: an unknown matrix or axis, or cells that differ along another axis, too.
        NothingSelectedError: no cell matches.
    """
    selection = parse_selection(expression) if expression else None
    wish = Wish(names=(name,), matrix=matrix, pick=Pick.FIRST, selection=selection, attempts=0)
    planned = plan(tools.project, wish, tools.opener(anew=False))
    named = ["--axis", axis, *(["-m", matrix] if matrix else []), *(["-k", expression] if expression else [])]
    return matrix_line(planned.cells, axis, shlex.join(named), tools.current_python)


def task_of(tools: Tools, line: Line, *, good: str, bad: str, face: str = "") -> Task | None:
    """Return what is known of the ends: declared, or recorded or published of runs of matrices; None when nothing is.

    Runs of an earlier search over the line are not asked here: it starts where it started then, and takes them in.
    """
    if bad and good:
        return Between(good=_index(line, good), bad=_index(line, bad))
    if bad:
        return Around(bad=_index(line, bad))
    recorded = [
        result.cell.get(line.axis)
        for result in merged(load(tools.project.results / "records"), tools.store.results())
        if result.cell.repro == line.ground.subject.repro.name
        and result.matrix != line.matrix
        and line.holds(result.cell)
        and _is_bad(result, face)
    ]
    known = [line.values.index(value) for value in recorded]
    return Around(bad=max(known)) if known else None


def start_of(line: Line, resolved: Pins) -> Task:
    """Start from what the resolver chooses today, else from the newest, and look for a bad value from there."""
    chosen = dict(resolved).get(line.axis, line.values[-1])
    return Anywhere(start=line.values.index(chosen) if chosen in line.values else len(line.values) - 1)


def steadiness(repro: Repro) -> float:
    """Return the prior that the bug always shows; who asks for more than one attempt expects that it may not."""
    return ALWAYS_SHOWS if repro.attempts == 1 else Terms().steady


def seconds_of(text: str) -> float:
    """Read `90s`, `10m`, `2h`.

    Raises:
        UsageError: it is no such time.
    """
    match = re.fullmatch(r"(\d+)([smh])", text)
    if match is None:
        raise UsageError(f"{text!r} is no time", place="--budget", hint="such as 90s, 10m or 2h")
    return float(int(match[1]) * SECONDS[match[2]])


def face_of(text: str) -> str:
    """Return the expression of a face of the bug.

    Raises:
        UsageError: it is no regular expression.
    """
    try:
        re.compile(text)
    except re.error as error:
        raise UsageError(f"{text!r} is no regular expression: {error}", place="--shows") from None
    return text


def _release_line(tools: Tools, ground: Ground, package: str, *, within: str, pre: bool) -> Line:
    interpreter = choose(tools.interpreters, ground.python)
    if isinstance(interpreter, Unavailable):
        raise UsageError(interpreter.explanation, place="--python", hint=interpreter.remedy)
    every = all_releases(package, tools.settings)
    return release_line(ground, package, every, interpreter, within=within, pre=pre)


def _is_bad(result: CellResult, face: str) -> bool:
    is_bad = isinstance(result.judgement, Decided) and result.judgement.verdict is Verdict.BAD
    attempts = result.state.attempts if isinstance(result.state, Ran) else ()
    return is_bad and any(one.verdict is Verdict.BAD and shows(face, one) for one in attempts)


def _days(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise UsageError(f"{text!r} are no days", place="--dates", hint="such as 2025-10-01..2026-06-01") from None
    if days[0] >= days[1]:
        raise UsageError(f"{first} is not before {last}", place="--dates")
    return days


def _index(line: Line, value: str) -> int:
    normal = value if value in line.values else _normal(line, value)
    if normal in line.values:
        return line.values.index(normal)
    left_out = dict(line.dropped).get(normal)
    if left_out:
        raise UsageError(f"{line.axis} {value} is left out: {left_out}")
    raise UsageError(f"there is no {line.axis} {value}", hint=f"from {line.values[0]} to {line.values[-1]}")


def _normal(line: Line, value: str) -> str:
    if line.kind is AxisKind.CUTOFF and "T" not in value:
        return f"{value}T00:00:00Z"
    if line.kind is not AxisKind.PACKAGE:
        return value
    try:
        return str(Version(value))
    except InvalidVersion:
        raise UsageError(f"{value!r} is no version", hint="such as 8.1.1") from None
