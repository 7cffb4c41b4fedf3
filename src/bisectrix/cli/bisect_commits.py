"""`--git`: from the two releases of a boundary to the commit between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import click

from bisectrix.cli.assembly import cache_folder
from bisectrix.cli.bisect_result import probed
from bisectrix.commits.repository import Commit, Repository
from bisectrix.errors import UsageError
from bisectrix.model.bisection import BisectionRecord, CommitSearch, FoundBoundary
from bisectrix.report.answers import Sentences
from bisectrix.runner.bisection import Outcome
from bisectrix.runner.commit_line import CommitLine, commit_line
from bisectrix.runner.lines import Line
from bisectrix.search.answers import Boundary, Found
from bisectrix.search.question import Between, Direction

Look: TypeAlias = Callable[[CommitLine, Between, float], Outcome]
"""Searches a line of commits between two ends, for a bug that shows in this share of the runs."""

ONLY_TOGETHER = "What it took in does not show the change before it is merged."


@dataclass(frozen=True, kw_only=True, slots=True)
class Clone:
    """A repository that holds a package.

    Attributes:
        subdirectory: of the package inside it; empty means the top.
    """

    repository: Repository
    subdirectory: str

    @classmethod
    def opened(cls, where: str) -> Self:
        """Open what `--git` names: an address or a folder, and after `#subdirectory=` where the package lies in it.

        Raises:
            UsageError: there is no such repository.
            InfraError: it cannot be reached.
        """
        address, _, subdirectory = where.partition("#subdirectory=")
        return cls(
            repository=Repository.open(address, cache_folder() / "repositories", os.environ), subdirectory=subdirectory
        )

    @property
    def option(self) -> str:
        """How somebody else asks for it; a folder of this machine is of no use to them."""
        where = self.repository.address if self.repository.is_mirror else "CLONE"
        return f"--git {where}#subdirectory={self.subdirectory}" if self.subdirectory else f"--git {where}"


def with_commits(record: BisectionRecord, releases: Line, clone: Clone, look: Look) -> BisectionRecord:
    """Return the record with the commits that its boundaries come down to."""
    boundaries = tuple(
        replace(boundary, commits=tuple(_searches(releases, clone, look, boundary))) for boundary in record.boundaries
    )
    found = (sentence for boundary in boundaries for search in boundary.commits for sentence in search.sentences)
    return replace(
        record,
        boundaries=boundaries,
        sentences=(*record.sentences, *found),
        commands=(*record.commands, f"{record.commands[0]} {clone.option}"),
    )


def _searches(releases: Line, clone: Clone, look: Look, boundary: FoundBoundary) -> Iterator[CommitSearch]:
    """Search between the two releases, then inside the merge that is to blame, and so on."""
    introduced = boundary.direction == Direction.INTRODUCED
    versions = (boundary.last_good, boundary.first_bad) if introduced else (boundary.first_bad, boundary.last_good)
    title = f"{releases.axis} from {versions[0]} to {versions[1]}"
    try:
        older, newer = (clone.repository.rev_of_release(releases.axis, version) for version in versions)
        commits = clone.repository.line(older, newer)
    except UsageError as error:
        hint = f"; {error.hint}" if error.hint else ""
        yield CommitSearch(title=title, size=0, probes=(), sentences=(f"No commit: {error.message}{hint}.",))
        return
    merge: Commit | None = None
    while commits:
        click.echo(f"{title}: {len(commits)} commits", err=True)
        line = _line(releases, clone, commits)
        last = len(commits) - 1
        outcome = look(line, Between(good=0, bad=last) if introduced else Between(good=last, bad=0), boundary.rate)
        culprit = _merge_to_blame(outcome, commits)
        is_whole = culprit is not None and culprit == merge
        words = Sentences("commit", line.names).of(outcome.answer) if outcome.answer else ()
        sentences = [f"{title[0].upper()}{title[1:]}: {word}" if merge else word for word in words]
        sentences += [ONLY_TOGETHER] if is_whole else []
        probes = tuple(probed(line, outcome))
        yield CommitSearch(title=title, size=len(commits), sentences=tuple(sentences), probes=probes)
        commits = () if culprit is None or is_whole else _inside(clone.repository, culprit)
        merge, title = culprit, f"inside merge {culprit}"


def _line(releases: Line, clone: Clone, commits: Sequence[Commit]) -> CommitLine:
    sources = [clone.repository.source(releases.axis, commit, clone.subdirectory) for commit in commits]
    return commit_line(releases, sources, [commit.subject for commit in commits])


def _merge_to_blame(outcome: Outcome, commits: Sequence[Commit]) -> Commit | None:
    """Return the commit that the search names, if it is one alone, and a merge."""
    match outcome.answer:
        case Found(boundaries=(Boundary(untested=()) as edge,)):
            commit = commits[max(edge.last_good, edge.first_bad)]
            return commit if commit.is_merge else None
        case _:
            return None


def _inside(repository: Repository, merge: Commit) -> tuple[Commit, ...]:
    """Return what a merge took in, from where it had parted to the merge itself; nothing where that is unknown."""
    taken = repository.inside(merge)
    if not taken or not taken[0].parents:
        return ()
    return (repository.commit(taken[0].parents[0]), *taken, merge)
