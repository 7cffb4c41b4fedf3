"""The answer in two sentences: what shows the bug, and what to pin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bisectrix.judge.boundary import BadRange, Line, Pin, Tried, bad_ranges, combined, lines, pins
from bisectrix.judge.rate import rate_text
from bisectrix.model.bisection import BisectionRecord
from bisectrix.model.delta import DeltaRecord
from bisectrix.model.matrix import Matrix
from bisectrix.model.repro import Bug
from bisectrix.model.result import CellResult, Decided, Skipped
from bisectrix.model.words import AxisKind, Verdict
from bisectrix.report.axes import ORDERED, chosen_words, kind_of, noun, plural, primary_axis, spans, values_of
from bisectrix.report.markdown import Markdown, code, enumeration, listed, plain, sentence
from bisectrix.report.words import REASONS, VERBS, number, verdict, verdict_counts

MOST_FLAKY = 3
MOST_SENTENCES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The results of one repro along the axis that its question is about.

    Attributes:
        axis: its name; empty when the cells have no coordinates.
        lines: one for each combination of the other coordinates.
        tried: the values, oldest first, over all lines: bad where it is bad in any.
        bisections: what searches over an axis found.
        deltas: which package changes make the difference between two cells.
    """

    bug: Bug
    matrices: tuple[Matrix, ...]
    results: tuple[CellResult, ...]
    axis: str
    lines: tuple[Line, ...]
    tried: tuple[Tried, ...]
    bisections: tuple[BisectionRecord, ...]
    deltas: tuple[DeltaRecord, ...]

    @classmethod
    def of(
        cls,
        bug: Bug,
        matrices: tuple[Matrix, ...],
        results: tuple[CellResult, ...],
        bisections: tuple[BisectionRecord, ...] = (),
        deltas: tuple[DeltaRecord, ...] = (),
    ) -> Evidence:
        """Lay out results in the natural order of their cells."""
        axis = primary_axis(results, matrices)
        along = lines(results, axis)
        return cls(
            bug=bug,
            matrices=matrices,
            results=results,
            axis=axis,
            lines=along,
            tried=combined(along),
            bisections=bisections,
            deltas=deltas,
        )

    @property
    def telling(self) -> tuple[CellResult, ...]:
        """The results that are evidence, good or bad."""
        return tuple(result for result in self.results if verdict(result) is not Verdict.SKIP)

    @property
    def bad(self) -> tuple[CellResult, ...]:
        """The results that show the bug."""
        return tuple(result for result in self.results if verdict(result) is Verdict.BAD)

    @property
    def is_ordered(self) -> bool:
        """Whether the axis has older and newer values, so that ranges and boundaries mean something."""
        return kind_of(self.axis, self.matrices) in ORDERED

    @property
    def pins(self) -> tuple[Pin, ...]:
        """What avoids the bug, the best first; along an axis without order each value that was good."""
        if self.is_ordered or not self.bad:
            return pins(self.tried)
        good = (one for one in self.tried if one.verdict is Verdict.GOOD)
        return tuple(Pin(specifier=f"={one.value}", cell=one.cell) for one in good)

    @property
    def told(self) -> tuple[str, ...]:
        """The values of which something is known, oldest first."""
        return tuple(one.value for one in self.tried if one.verdict is not Verdict.SKIP)

    @property
    def bad_values(self) -> tuple[str, ...]:
        """The values that show the bug in any cell, oldest first."""
        return tuple(one.value for one in self.tried if one.verdict is Verdict.BAD)

    @property
    def searched(self) -> BisectionRecord | None:
        """The search along the axis that names the values which show the bug, the widest where there were several."""
        return max((one for one in self._searches if not one.shows), key=lambda record: record.size, default=None)

    @property
    def faces(self) -> tuple[BisectionRecord, ...]:
        """The searches along the axis for one face of the bug."""
        return tuple(record for record in self._searches if record.shows)

    @property
    def _searches(self) -> Iterator[BisectionRecord]:
        return (record for record in self.bisections if record.axis == self.axis and record.specifier)

    def pin_words(self, pin: Pin) -> Markdown:
        """Return a pin as a person would write it down: `vcrpy>=8.2.0`, `Python >=3.12`."""
        return self.range_words(pin.specifier)

    def range_words(self, specifier: str) -> Markdown:
        """Return a range of values along the axis in the same way."""
        apart = kind_of(self.axis, self.matrices) in {AxisKind.PYTHON, AxisKind.CUTOFF}
        return code(f"{noun(self.axis)} {specifier}" if apart else f"{self.axis}{specifier}")

    def values_words(self, values: Sequence[str]) -> str:
        """`8.0.0 to 8.1.1`, or one by one where there is no order."""
        return spans(values, self.told) if self.is_ordered else enumeration(values)


def answer(evidence: Evidence) -> tuple[Markdown, ...]:
    """Return two sentences, one more for each face that was searched for, and where not every attempt shows the bug."""
    searched: tuple[DeltaRecord | BisectionRecord, ...] = (*evidence.deltas, *evidence.bisections)
    if not evidence.results and searched:
        return tuple(map(plain, searched[-1].sentences[:MOST_SENTENCES]))
    if not evidence.telling:
        return (_nothing_known(evidence), sentence("See below what is missing"))
    if not evidence.bad:
        return (_not_seen(evidence), sentence(f"There is nothing to avoid: {verdict_counts(evidence.results)}"))
    return (_seen(evidence), _advice(evidence), *_faces(evidence), *_flakiness(evidence))


def _nothing_known(evidence: Evidence) -> Markdown:
    judgements = [result.judgement for result in evidence.results]
    reasons = dict.fromkeys(REASONS[one.reason] for one in judgements if isinstance(one, Skipped))
    return sentence(
        f"Nothing is known yet, none of the {number(len(judgements), 'cell')} is evidence: {', '.join(reasons)}"
    )


def _not_seen(evidence: Evidence) -> Markdown:
    verb = VERBS[evidence.bug.kind][0]
    if len(evidence.told) <= 1:
        return sentence(f"It never {verb}")
    return sentence(f"None of the {len(evidence.told)} {plural(evidence.axis, evidence.matrices)} tested {verb}")


def _seen(evidence: Evidence) -> Markdown:
    """Return `vcrpy 8.0.0 to 8.1.1 hang: 3 of the 11 vcrpy releases tested, on every Python tested, ...`."""
    bad, told = evidence.bad_values, evidence.told
    singular, many = VERBS[evidence.bug.kind]
    tested = f"of the {len(told)} {plural(evidence.axis, evidence.matrices)} tested"
    if len(told) <= 1:
        head, share = f"It {singular}", ""
    elif len(bad) == len(told):
        head, share = f"Every one {tested} {singular}", ""
    else:
        verb = singular if len(bad) == 1 else many
        head, share = f"{noun(evidence.axis)} {evidence.values_words(bad)} {verb}", f"{len(bad)} {tested}"
    clauses = ", ".join(filter(None, (share, *_other_axes(evidence), _cells(evidence))))
    return sentence(f"{head}: {clauses}" if clauses else head)


def _other_axes(evidence: Evidence) -> Iterator[str]:
    """Say with which values of the other axes the bad releases are bad, and last which axes make no difference."""
    indifferent: list[str] = []
    for axis in dict.fromkeys(axis for result in evidence.bad for axis, _ in result.cell.coordinates):
        told = values_of(axis, _of_bad_values(evidence), evidence.matrices)
        seen = values_of(axis, evidence.bad, evidence.matrices)
        kind = kind_of(axis, evidence.matrices)
        if axis == evidence.axis or len(told) == 1:
            continue
        if len(seen) < len(told):
            yield f"{'on' if kind is AxisKind.PYTHON else 'with'} {chosen_words(axis, seen, told, evidence.matrices)}"
        elif kind is AxisKind.PYTHON:
            yield f"on every Python tested ({spans(seen, told)})"
        else:
            indifferent.append(f"{axis} release" if kind is AxisKind.PACKAGE else axis)
    if indifferent:
        yield f"whatever the {enumeration(indifferent)}"


def _cells(evidence: Evidence) -> str:
    seen, among = len(evidence.bad), len(_of_bad_values(evidence))
    if seen == among:
        return f"in all {among} cells" if among > 1 else ""
    return f"in {seen} of {'its' if len(evidence.bad_values) <= 1 else 'their'} {among} cells"


def _of_bad_values(evidence: Evidence) -> tuple[CellResult, ...]:
    return tuple(result for result in evidence.telling if result.cell.get(evidence.axis) in {"", *evidence.bad_values})


def _advice(evidence: Evidence) -> Markdown:
    before = _range(evidence) if evidence.is_ordered else ()
    if evidence.pins and not evidence.is_ordered:
        good = [value for value in evidence.told if value not in evidence.bad_values]
        return sentence(f"With {noun(evidence.axis)} {enumeration(good)} it does not show")
    if not evidence.pins:
        return sentence(*before, f"{'n' if before else 'N'}othing that was tested avoids it")
    return sentence(*before, evidence.pin_words(evidence.pins[0]), "avoids it")


def _range(evidence: Evidence) -> tuple[str, ...]:
    """Say which values show it: all of them after a search, else only the edges of those that were tested."""
    if record := evidence.searched:
        many = plural(evidence.axis, evidence.matrices)
        return (f"Bisected over {record.size} {many},", evidence.range_words(record.specifier), "shows it;")
    edges = [edge for bad in bad_ranges(evidence.tried) for edge in _edges(bad)]
    return (f"Of those tested, {', '.join(edges)};",) if edges else ()


def _edges(bad: BadRange) -> Iterator[str]:
    if bad.introduced:
        yield f"{bad.introduced.good} is the last good one before {bad.introduced.bad}"
    if bad.fixed:
        yield f"{bad.fixed.good} is the first good one after {bad.fixed.bad}"


def _faces(evidence: Evidence) -> Iterator[Markdown]:
    for record in evidence.faces:
        yield sentence("With", code(record.shows), "it shows in", evidence.range_words(record.specifier))


def _flakiness(evidence: Evidence) -> Iterator[Markdown]:
    flaky = [
        (r.cell.name, r.judgement.rate) for r in evidence.bad if isinstance(r.judgement, Decided) and r.judgement.flaky
    ]
    if flaky:
        named = [Markdown(f"{rate_text(rate, 'bad')} in {code(name)}") for name, rate in flaky[:MOST_FLAKY]]
        rest = [f"{len(flaky) - MOST_FLAKY} more"] if len(flaky) > MOST_FLAKY else []
        yield sentence("It is flaky:", listed([*named, *rest]))
