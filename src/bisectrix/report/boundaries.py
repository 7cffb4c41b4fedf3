"""Where the bug begins and ends, of the values tested and of no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bisectrix.judge.boundary import BadRange, Line, bad_ranges
from bisectrix.model.words import Verdict
from bisectrix.report.answer import Evidence
from bisectrix.report.axes import chosen_words, label, spans, values_of
from bisectrix.report.markdown import Markdown, enumeration, table

HEADER = ("shows it", "last good before", "first bad", "last bad", "first good after", "no evidence between", "where")


def boundaries(evidence: Evidence) -> Markdown:
    """Return a table with a row for each set of cells that agree; empty when the bug was not seen, or has no order to follow.

    Cells of which a single value is known have no boundary, and no part in the table, unless there are no others.
    """
    if not evidence.is_ordered:
        return Markdown("")
    agreeing: dict[tuple[str, ...], list[Line]] = {}
    for line in _with_boundaries(evidence):
        for bad in bad_ranges(line.tried):
            agreeing.setdefault(_row(line, bad), []).append(line)
    rows = [(*row, _where(evidence, lines)) for row, lines in agreeing.items()]
    return table(HEADER, rows) if rows else Markdown("")


def _row(line: Line, bad: BadRange) -> tuple[str, ...]:
    before, after = bad.introduced, bad.fixed
    untested = (*(before.untested if before else ()), *bad.untested, *(after.untested if after else ()))
    return (
        spans(bad.values, [one.value for one in line.tried if one.verdict is not Verdict.SKIP]),
        before.good if before else "none older",
        bad.values[0],
        bad.values[-1],
        after.good if after else "none newer",
        enumeration(untested) or "none",
    )


def _with_boundaries(evidence: Evidence) -> Sequence[Line]:
    """Return the lines along which something can change, those with two known values; all where there are none."""
    known = {line: sum(one.verdict is not Verdict.SKIP for one in line.tried) for line in evidence.lines}
    return [line for line, values in known.items() if values > 1] or evidence.lines


def _where(evidence: Evidence, agreeing: Sequence[Line]) -> str:
    telling = [line for line in evidence.lines if any(one.verdict is not Verdict.SKIP for one in line.tried)]
    if len(agreeing) == len(telling):
        return "everywhere"
    seen = _values(agreeing)
    alike = [line for line in telling if all(dict(line.fixed).get(axis, "") in seen[axis] for axis in seen)]
    if len(alike) == len(agreeing):
        return ", ".join(_narrowed(evidence, seen, _values(telling)))
    return enumeration([label(line.fixed) for line in agreeing])


def _values(lines: Sequence[Line]) -> dict[str, set[str]]:
    names = dict.fromkeys(axis for line in lines for axis, _ in line.fixed)
    return {axis: {dict(line.fixed).get(axis, "") for line in lines} for axis in names}


def _narrowed(evidence: Evidence, seen: dict[str, set[str]], told: dict[str, set[str]]) -> Iterator[str]:
    """Yield the axes along which only some of the values agree."""
    for axis, values in seen.items():
        if values != told[axis]:
            ordered = values_of(axis, evidence.results, evidence.matrices)
            yield chosen_words(axis, values, ordered, evidence.matrices)
