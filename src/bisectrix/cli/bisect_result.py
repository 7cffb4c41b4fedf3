"""What a search found, made ready to be recorded and to be pasted: boundaries, culprits, what changed, commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import assert_never

from bisectrix.cli.probes import list_of
from bisectrix.errors import BisectrixError
from bisectrix.explain.culprit import explain
from bisectrix.explain.download import download
from bisectrix.explain.text import plain_text
from bisectrix.model.attempt import Attempt, Frame
from bisectrix.model.bisection import BisectionRecord, Culprit, FoundBoundary, Probed
from bisectrix.model.words import AxisKind, Verdict
from bisectrix.report.answers import Sentences
from bisectrix.report.bisections import affected
from bisectrix.runner.acquittal import UPDATES, Separate, beside, culprit_of
from bisectrix.runner.bisection import Outcome
from bisectrix.runner.lines import Line
from bisectrix.runner.probing import Prober
from bisectrix.runner.tools import Tools
from bisectrix.search.answers import Answer, Boundary, Found, NonMonotone, Undecided
from bisectrix.search.question import Direction

RANGES = {AxisKind.PACKAGE, AxisKind.PYTHON, AxisKind.CUTOFF}
"""Kinds of axes of which a range means something to a person."""


def conclusion(
    tools: Tools,
    prober: Prober,
    line: Line,
    outcome: Outcome,
    confidence: float,
    separate: Separate,
    *,
    shows: str = "",
) -> BisectionRecord:
    """Return the record of a search that has an answer; runs the crosses that its boundaries ask for."""
    answer = outcome.answer
    if answer is None:
        message = "a search without an answer has no conclusion"
        raise ValueError(message)
    words = Sentences(line.axis, line.values)
    found = [
        _found(tools, line, outcome, boundary, _culprit(prober, line, boundary, confidence, separate))
        for boundary in _boundaries(answer)
    ]
    return BisectionRecord(
        repro=line.ground.subject.repro.name,
        axis=line.axis,
        kind=line.kind,
        first=line.values[0],
        last=line.values[-1],
        size=len(line.values),
        python=line.ground.python,
        sentences=(*words.of(answer), *(_culprit_words(line, each) for each in found)),
        specifier=words.specifier(answer) if line.kind in RANGES else "",
        boundaries=tuple(found),
        probes=tuple(probed(line, outcome)),
        dropped=line.dropped,
        likely=tuple(_likely(line, answer)),
        commands=_commands(line, tuple(found), shows),
        matrix=line.origin,
        shows=shows,
    )


def paragraphs(record: BisectionRecord) -> Iterator[str]:
    """Yield what is printed at the end: the answer, what changed, how to see it again."""
    where = f" on Python {record.python}" if record.python else ""
    face = f", with {record.shows}" if record.shows else ""
    yield f"\n{record.repro}, {record.size} values of {record.axis}{where}{face}:"
    yield from (f"  {sentence}" for sentence in record.sentences)
    if specifier := affected(record):
        yield f"  Affected: {specifier}"
    for boundary in record.boundaries:
        if boundary.explanation:
            yield f"\n{boundary.explanation}"
    yield "\nSee it again:"
    yield from (f"  {command}" for command in record.commands)


def _boundaries(answer: Answer) -> tuple[Boundary, ...]:
    match answer:
        case Found(boundaries=boundaries) | NonMonotone(boundaries=boundaries):
            return boundaries
        case Undecided(settled=settled):
            return settled
        case _:
            return ()


def _found(tools: Tools, line: Line, outcome: Outcome, boundary: Boundary, culprit: Culprit) -> FoundBoundary:
    return FoundBoundary(
        direction=str(boundary.direction),
        last_good=line.values[boundary.last_good],
        first_bad=line.values[boundary.first_bad],
        untested=tuple(line.values[value] for value in boundary.untested),
        confidence=boundary.confidence,
        rate=boundary.rate,
        culprit=culprit,
        explanation=_explanation(tools, line, outcome, boundary),
    )


def _culprit(prober: Prober, line: Line, boundary: Boundary, confidence: float, separate: Separate) -> Culprit:
    match line.kind:
        case AxisKind.PYTHON:
            return Culprit(alone=True, movers=(), why="the repro is the same")
        case AxisKind.PACKAGE | AxisKind.CUTOFF | AxisKind.RESOLUTION:
            return culprit_of(prober, boundary, line.axis, confidence, separate)
        case AxisKind.VARIANT | AxisKind.ENV | AxisKind.PLATFORM:
            return beside(prober, boundary)
        case _:
            assert_never(line.kind)


def _explanation(tools: Tools, line: Line, outcome: Outcome, boundary: Boundary) -> str:
    """Compare the two releases; a sentence where that is not possible, for the answer stands without it."""
    if line.kind is not AxisKind.PACKAGE:
        return ""
    old, new = sorted((boundary.last_good, boundary.first_bad))
    versions = [line.values[old], line.values[new]]
    try:
        older, newer = download(line.axis, versions, tools.settings)
    except BisectrixError as error:
        return f"The releases could not be compared: {error.message}"
    title = f"{line.axis} {versions[0]} -> {versions[1]}"
    bug = line.ground.subject.repro.bug.kind
    return plain_text(explain(title, older.files, newer.files, _frames(outcome, boundary.first_bad), bug))


def _frames(outcome: Outcome, value: int) -> tuple[Frame, ...]:
    for step in reversed(outcome.steps):
        what = step.seen.what
        if step.seen.value == value and isinstance(what, Attempt) and what.verdict is Verdict.BAD:
            return what.chain
    return ()


def _culprit_words(line: Line, boundary: FoundBoundary) -> str:
    movers = list_of(boundary.culprit.movers)
    if line.axis in UPDATES:
        return f"What makes the difference there: {movers} ({boundary.culprit.why})."
    moved = f" Moved with it: {movers}." if movers else ""
    blame = "alone: " if boundary.culprit.alone else ""
    return f"{_suspect(line, boundary)} {blame}{boundary.culprit.why.rstrip('.')}.{moved}"


def _suspect(line: Line, boundary: FoundBoundary) -> str:
    """Name the value that made the change, or the class of those that may have."""
    before, after = boundary.last_good, boundary.first_bad
    if boundary.direction == Direction.FIXED:
        before, after = after, before
    return f"{line.axis} {after}" if not boundary.untested else f"{line.axis} after {before} up to {after}"


def probed(line: Line, outcome: Outcome) -> Iterator[Probed]:
    """Yield what was seen of each value that was run, oldest first."""
    for index, tally in sorted(outcome.outlook.state.tallies.items()):
        last = next(step.seen.what for step in reversed(outcome.steps) if step.seen.value == index)
        said = last.summary if isinstance(last, Attempt) else f"{last.reason}: {' '.join(last.explanation.split())}"
        yield Probed(
            value=line.names[index],
            good=tally.good,
            bad=tally.bad,
            other=tally.untestable + tally.other,
            summary=said,
        )


def _likely(line: Line, answer: Answer) -> Iterator[tuple[str, float]]:
    if isinstance(answer, Undecided):
        for credible in answer.credible:
            yield from ((line.values[value], credible.probability) for value in credible.values)


def _commands(line: Line, boundaries: tuple[FoundBoundary, ...], shows: str) -> tuple[str, ...]:
    repro = line.ground.subject.repro.name
    face = f" {shlex.join(('--shows', shows))}" if shows else ""
    whole = f"nox -s bisect -- {repro} {line.option}{face}"
    ends = (shlex.join(("--good", boundary.last_good, "--bad", boundary.first_bad)) for boundary in boundaries)
    return (whole, *(f"{whole} {both}" for both in ends))
