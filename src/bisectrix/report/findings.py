"""The findings: a page a repro and an overview, a pure function of what is recorded."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bisectrix.diagnose.rule import Rule
from bisectrix.model.bisection import BisectionRecord
from bisectrix.model.delta import DeltaRecord
from bisectrix.model.matrix import Matrix
from bisectrix.model.order import cell_order
from bisectrix.model.repro import Repro
from bisectrix.model.result import CellResult
from bisectrix.report.again import again
from bisectrix.report.answer import Evidence, answer
from bisectrix.report.axes import plural
from bisectrix.report.bisections import searches
from bisectrix.report.boundaries import boundaries
from bisectrix.report.claims import claim_table, claims, settled_claims, status_counts
from bisectrix.report.deltas import differences_of
from bisectrix.report.diagnoses import diagnoses
from bisectrix.report.grid import grids
from bisectrix.report.markdown import Markdown, code, link, table, template
from bisectrix.report.suite import Suite, answer_by_test, differences, file_tables, test_waits
from bisectrix.report.tested import excluded, facts, missing
from bisectrix.report.waits import sightings
from bisectrix.report.words import counts_words, verdict_counts

LINES_OF_DIFFERENCE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A repro with all that is recorded of it.

    Attributes:
        matrices: those it names, the default one first.
        results: one a cell; none where a repro was only searched.
        resolvers: programs and versions that made its locks, `uv 0.9.0`.
        bisections: what searches over an axis found, by axis.
        deltas: which package changes make the difference between two cells.
        rules: what failures are known by.
    """

    repro: Repro
    matrices: tuple[Matrix, ...]
    results: tuple[CellResult, ...]
    resolvers: tuple[str, ...] = ()
    bisections: tuple[BisectionRecord, ...] = ()
    deltas: tuple[DeltaRecord, ...] = ()
    rules: tuple[Rule, ...] = ()


def repro_page(subject: Subject) -> str:
    """Return the page of one repro."""
    evidence = evidence_of(subject)
    suite = Suite.of(evidence)
    pinned = {result.cell: result for result in evidence.results}
    said = tuple(claims(subject.repro, evidence))
    page = template("repro.md.j2").render(
        code=code,
        total=len(evidence.results),
        repro=subject.repro,
        answer=_answer(evidence, suite),
        facts=list(facts(subject.repro, subject.matrices, evidence.results, subject.resolvers)),
        missing=missing(evidence.results),
        excluded=list(excluded(subject.matrices)),
        grids=list(grids(evidence.results, subject.matrices)),
        boundaries=boundaries(evidence),
        searches=list(searches(subject.bisections)),
        deltas=list(differences_of(subject.deltas)),
        claims=said,
        claim_table=claim_table(said),
        tested=plural(evidence.axis, evidence.matrices),
        files=list(file_tables(suite)) if suite else [],
        differences=list(differences(suite)) if suite else [],
        test_waits=list(test_waits(suite)) if suite else [],
        diagnoses=diagnoses(subject.rules, evidence.results),
        sightings=[] if suite and suite.showing else sightings(evidence.results),
        pins=[(evidence.pin_words(pin), pin.cell.name, counts_words(pinned[pin.cell])) for pin in evidence.pins],
        bad=len(evidence.bad),
        again=list(again(subject.repro, evidence)),
        links=[link(target, target) for target in subject.repro.links],
    )
    return f"{page.rstrip()}\n"


def overview(subjects: Sequence[Subject]) -> str:
    """Return the page that lists all repros with their answers."""
    rows = [
        (
            link(subject.repro.title, f"{subject.repro.name}.md"),
            subject.repro.question,
            _answer(evidence, Suite.of(evidence))[0],
            verdict_counts(subject.results),
            status_counts(settled_claims(subject.repro, evidence)),
        )
        for subject, evidence in ((subject, evidence_of(subject)) for subject in subjects)
    ]
    header = ("repro", "question", "answer", "cells", "claims")
    width = len(header) if any(subject.repro.claims for subject in subjects) else len(header) - 1
    return template("overview.md.j2").render(
        table=table(header[:width], [row[:width] for row in rows]) if rows else Markdown(""),
    )


def check(pages: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Compare the files in `folder` with what they should say.

    Args:
        pages: file name -> text.
        folder: where the files lie.

    Returns:
        For each file that is missing or differs, its name and the beginning of the difference.
    """
    return tuple(_difference(folder / name, text) for name, text in pages.items() if _read(folder / name) != text)


def evidence_of(subject: Subject) -> Evidence:
    """Lay out the results, those of the default matrix first."""
    shapes = [{axis.name for axis in matrix.axes} for matrix in subject.matrices]

    def order(result: CellResult) -> tuple[object, ...]:
        shape = {axis for axis, _ in result.cell.coordinates}
        return (shapes.index(shape) if shape in shapes else len(shapes), cell_order(result.cell))

    results = tuple(sorted(subject.results, key=order))
    return Evidence.of(subject.repro.bug, subject.matrices, results, subject.bisections, subject.deltas)


def _answer(evidence: Evidence, suite: Suite | None) -> tuple[Markdown, ...]:
    return answer_by_test(suite) if suite and suite.showing else answer(evidence)


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _difference(file: Path, expected: str) -> str:
    found = _read(file)
    if found is None:
        return f"{file.name}: missing"
    return "\n".join((f"{file.name}: differs from the records", *_diff(file.name, found, expected)))


def _diff(name: str, found: str, expected: str) -> Iterator[str]:
    lines = list(
        difflib.unified_diff(
            found.splitlines(),
            expected.splitlines(),
            f"{name} (as it is)",
            f"{name} (from the records)",
            n=1,
            lineterm="",
        )
    )
    yield from (f"  {line}" for line in lines[:LINES_OF_DIFFERENCE])
    if len(lines) > LINES_OF_DIFFERENCE:
        yield f"  ... and {len(lines) - LINES_OF_DIFFERENCE} more lines"
