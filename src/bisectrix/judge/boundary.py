"""Where along an axis a bug begins and ends, read off a table; of the values tested, and of no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from packaging.version import InvalidVersion, Version

from bisectrix.model.matrix import Cell, Coordinates
from bisectrix.model.result import CellResult, Decided, Judgement
from bisectrix.model.words import Verdict

WEIGHT = {Verdict.SKIP: 0, Verdict.GOOD: 1, Verdict.BAD: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One value of the axis, the cell that stands for it, and what was found."""

    value: str
    cell: Cell
    judgement: Judgement

    @property
    def verdict(self) -> Verdict:
        """Good, bad, or skip for what is no evidence."""
        return self.judgement.verdict if isinstance(self.judgement, Decided) else Verdict.SKIP


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """The cells along one axis that agree in all other coordinates, oldest value first."""

    axis: str
    fixed: Coordinates
    tried: tuple[Tried, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """A boundary: the last value on one side, the first on the other, and the untested ones between.

    Attributes:
        good: the good value next to the edge.
        bad: the bad value next to the edge.
        untested: values between them that are no evidence, oldest first.
    """

    good: str
    bad: str
    untested: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRange:
    """Bad values with no good one between them.

    Attributes:
        values: the bad ones, oldest first; not empty.
        untested: values among them that are no evidence.
        introduced: where it begins; None when no older value was good.
        fixed: where it ends; None when no newer value was good.
        text: as a specifier, `>=8.0.0,<8.2.0`; open on a side where the line ends with it;
            empty for the whole line.
    """

    values: tuple[str, ...]
    untested: tuple[str, ...]
    introduced: Edge | None
    fixed: Edge | None
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A specifier that avoids the bug, and the cell that verified it: the newest value which it admits."""

    specifier: str
    cell: Cell


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """Neighbours in a line with one verdict; `start` and `end` are positions in the line, both inclusive."""

    verdict: Verdict
    start: int
    end: int


def lines(results: Iterable[CellResult], axis: str) -> tuple[Line, ...]:
    """Lay the results out along `axis`, one line for each combination of the other coordinates.

    Values are ordered as versions where all of them are versions, else as they come. Results without a coordinate
    along the axis are left out.
    """
    grouped: dict[Coordinates, dict[str, Tried]] = {}
    for result in results:
        value = result.cell.get(axis)
        if value:
            fixed = tuple(pair for pair in result.cell.coordinates if pair[0] != axis)
            tried = Tried(value=value, cell=result.cell, judgement=result.judgement)
            grouped.setdefault(fixed, {})[value] = tried
    return tuple(Line(axis=axis, fixed=fixed, tried=in_order(tried.values())) for fixed, tried in grouped.items())


def in_order(tried: Iterable[Tried]) -> tuple[Tried, ...]:
    """Sort by version where all values are versions, else leave the order alone."""
    listed = tuple(tried)
    try:
        return tuple(sorted(listed, key=lambda one: Version(one.value)))
    except InvalidVersion:
        return listed


def combined(parallel: Iterable[Line]) -> tuple[Tried, ...]:
    """Make one line of several: a value is bad where it is bad in any, good where it is good in one and bad in none.

    The cell that stands for a value is the first that has its verdict.
    """
    by_value: dict[str, Tried] = {}
    for tried in (tried for line in parallel for tried in line.tried):
        known = by_value.get(tried.value)
        if known is None or WEIGHT[tried.verdict] > WEIGHT[known.verdict]:
            by_value[tried.value] = tried
    return in_order(by_value.values())


def bad_ranges(tried: Sequence[Tried]) -> tuple[BadRange, ...]:
    """Return the ranges in which the bug was seen, oldest first; `tried` is one line, oldest first."""
    runs = list(_runs(tried))
    padded = [None, *runs, None]
    return tuple(
        _bad_range(tried, before, run, after)
        for before, run, after in zip(padded, runs, padded[2:], strict=False)
        if run.verdict is Verdict.BAD
    )


def pins(tried: Sequence[Tried]) -> tuple[Pin, ...]:
    """Return the specifiers that avoid the bug, the best first: newest values before older ones.

    Each admits good and untested values only, and the newest that it admits was seen to be good. None when the bug
    was not seen at all, or nothing good was.
    """
    runs = list(_runs(tried))
    if not any(run.verdict is Verdict.BAD for run in runs):
        return ()
    good = [run for run in reversed(runs) if run.verdict is Verdict.GOOD]
    return tuple(Pin(specifier=_specifier(tried, run), cell=tried[run.end].cell) for run in good)


def _runs(tried: Sequence[Tried]) -> Iterator[_Run]:
    evidence = [index for index, one in enumerate(tried) if one.verdict is not Verdict.SKIP]
    for verdict, group in groupby(evidence, key=lambda index: tried[index].verdict):
        indices = list(group)
        yield _Run(verdict=verdict, start=indices[0], end=indices[-1])


def _bad_range(tried: Sequence[Tried], before: _Run | None, run: _Run, after: _Run | None) -> BadRange:
    inside = tried[run.start : run.end + 1]
    return BadRange(
        values=tuple(one.value for one in inside if one.verdict is Verdict.BAD),
        untested=tuple(one.value for one in inside if one.verdict is Verdict.SKIP),
        introduced=_edge(tried, good=before.end, bad=run.start) if before else None,
        fixed=_edge(tried, good=after.start, bad=run.end) if after else None,
        text=_specifier(tried, run),
    )


def _edge(tried: Sequence[Tried], *, good: int, bad: int) -> Edge:
    between = tried[min(good, bad) + 1 : max(good, bad)]
    return Edge(good=tried[good].value, bad=tried[bad].value, untested=tuple(one.value for one in between))


def _specifier(tried: Sequence[Tried], run: _Run) -> str:
    """Write a run as a specifier that admits no value of the line beyond it, `>=8.0.0,<8.2.0`."""
    parts = []
    if run.start > 0:
        parts.append(f">={tried[run.start].value}")
    if run.end < len(tried) - 1:
        following = tried[run.end + 1]
        is_evidence = following.verdict is not Verdict.SKIP
        parts.append(f"<{following.value}" if is_evidence else f"<={tried[run.end].value}")
    return ",".join(parts)
