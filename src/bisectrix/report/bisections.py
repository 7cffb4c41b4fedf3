"""What searches over an axis found, for the page of a repro."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bisectrix.judge.wording import quote
from bisectrix.model.bisection import BisectionRecord, CommitSearch, FoundBoundary, Probed
from bisectrix.model.words import AxisKind
from bisectrix.report.axes import noun
from bisectrix.report.markdown import Markdown, block, code, plain, sentence, table
from bisectrix.report.words import number

NAMED = 5
"""Values named of those that were left out for one reason."""

DURATION = re.compile(r" after \d+(?:\.\d+)? s\b")
"""How long it took is another one with every run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitWords:
    """One search over commits."""

    title: Markdown
    probes: Markdown


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundaryWords:
    """What is known of one change.

    Attributes:
        acquittal: whether what moved along is to blame.
        movers: a table of it; empty where nothing moved.
        explanation: what differs between the two releases; empty where nothing was compared.
    """

    acquittal: Markdown
    movers: Markdown
    explanation: Markdown
    commits: tuple[CommitWords, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """One search, ready for the page."""

    title: Markdown
    sentences: tuple[str, ...]
    probes: Markdown
    boundaries: tuple[BoundaryWords, ...]
    dropped: tuple[Markdown, ...]
    commands: Markdown


def searches(records: Iterable[BisectionRecord]) -> Iterator[Search]:
    """Yield what each search found."""
    for record in records:
        yield Search(
            title=_title(record),
            sentences=tuple(_sentences(record)),
            probes=probe_table(noun(record.axis), record.probes),
            boundaries=tuple(_boundary(record, boundary) for boundary in record.boundaries),
            dropped=tuple(_dropped(record)),
            commands=block(record.commands, "sh"),
        )


def affected(record: BisectionRecord) -> str:
    """Return what a person would pin against, `vcrpy>=8.0.0,<8.2.0`; empty where there is no such thing."""
    return f"{record.axis}{record.specifier}" if record.specifier and record.kind is AxisKind.PACKAGE else ""


def _title(record: BisectionRecord) -> Markdown:
    where = f" on Python {record.python}" if record.python else ""
    where += f", in matrix {record.matrix}" if record.matrix else ""
    ends = record.first if record.size == 1 else f"{record.first} to {record.last}"
    title = plain(f"{noun(record.axis)}: {number(record.size, 'value')}, {ends}{where}")
    return Markdown(f"{title}, with {code(record.shows)} alone") if record.shows else title


def _sentences(record: BisectionRecord) -> Iterator[str]:
    yield from record.sentences
    if specifier := affected(record):
        yield sentence("Affected:", code(specifier))


def probe_table(head: str, probes: Iterable[Probed]) -> Markdown:
    """Return what was run, how often it was seen how, and what was said last; nothing where nothing was run."""
    rows = [
        (one.value, str(one.good), str(one.bad), str(one.other), quote(DURATION.sub("", one.summary))) for one in probes
    ]
    return table((head, "good", "bad", "no evidence", "what was said last"), rows) if rows else Markdown("")


def _boundary(record: BisectionRecord, boundary: FoundBoundary) -> BoundaryWords:
    rows = [(mover.name, mover.old or "absent", mover.new or "absent") for mover in boundary.culprit.movers]
    axis = noun(record.axis)
    header = ("package", f"with {axis} {boundary.last_good}", f"with {axis} {boundary.first_bad}")
    return BoundaryWords(
        acquittal=plain(_acquittal(record, boundary)),
        movers=table(header, rows) if rows else Markdown(""),
        explanation=block(boundary.explanation.splitlines()) if boundary.explanation else Markdown(""),
        commits=tuple(_commits(search) for search in boundary.commits if search.probes),
    )


def _acquittal(record: BisectionRecord, boundary: FoundBoundary) -> str:
    why = boundary.culprit.why
    if record.kind in {AxisKind.CUTOFF, AxisKind.RESOLUTION}:
        return f"What makes the difference ({why}):"
    suspect = boundary.first_bad if boundary.direction == "introduced" else boundary.last_good
    blame = "acquitted" if boundary.culprit.alone else "not acquitted"
    return f"What moved along with {noun(record.axis)} {suspect} is {blame}: {why}."


def _commits(search: CommitSearch) -> CommitWords:
    return CommitWords(
        title=plain(f"{search.title}, {number(search.size, 'commit')}:"),
        probes=probe_table("commit", search.probes),
    )


def _dropped(record: BisectionRecord) -> Iterator[Markdown]:
    by_reason: dict[str, list[str]] = {}
    for value, reason in record.dropped:
        by_reason.setdefault(reason, []).append(value)
    for reason, values in by_reason.items():
        more = f" and {len(values) - NAMED} more" if len(values) > NAMED else ""
        yield plain(f"{reason}: {', '.join(values[:NAMED])}{more}")
