"""Commits as a line: a package built from each of them, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bisectrix.matrix.sources import with_commits
from bisectrix.model.source import Source
from bisectrix.runner.lines import Line
from bisectrix.runner.planning import PlannedCell


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitLine(Line):
    """Commits of a package in the order in which a branch took them in.

    Attributes:
        sources: the commits; the values of the line are their labels.
        subjects: first lines of their messages.
    """

    sources: tuple[Source, ...]
    subjects: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Hash and subject: `952994b36a7c "Use httpcore"`."""
        pairs = zip(self.sources, self.subjects, strict=True)
        return tuple(f'{source.short} "{" ".join(subject.split())}"' for source, subject in pairs)

    def cell(self, value: str, *, held: tuple[tuple[str, str], ...] = (), anchor: str = "") -> PlannedCell:
        """Return the cell of one commit; `anchor` is a release."""
        planned = Line.cell(self, "", held=held, anchor=anchor)
        source = self.sources[self.values.index(value)]
        return replace(planned, cell=with_commits(planned.cell, (source,)), sources=(source,))


def commit_line(releases: Line, sources: Sequence[Source], subjects: Sequence[str]) -> CommitLine:
    """Return commits of the package whose releases are another line, run on the same ground."""
    return CommitLine(
        ground=releases.ground,
        axis=releases.axis,
        kind=releases.kind,
        values=tuple(source.label for source in sources),
        option=releases.option,
        sources=tuple(sources),
        subjects=tuple(subjects),
    )
