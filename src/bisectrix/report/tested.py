"""What was tested and what was not: environments, counts, and the reasons for what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bisectrix.judge.signature import LONGEST_HEAD, message_head
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Matrix
from bisectrix.model.order import value_order
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.result import CellResult, Decided, Ran, Skipped
from bisectrix.model.words import BugKind
from bisectrix.report.markdown import Markdown, code, listed, plain, sentence, table
from bisectrix.report.words import REASONS, number, verdict_counts

MOST_CELLS = 3
MOST_RELEASES = 6


def facts(
    repro: Repro, matrices: Sequence[Matrix], results: Sequence[CellResult], resolvers: Sequence[str]
) -> Iterator[Markdown]:
    """Yield one line for each fact about what was tested."""
    ran = [result.state for result in results if isinstance(result.state, Ran)]
    attempts = number(sum(len(state.attempts) for state in ran), "attempt")
    yield plain(f"{number(len(results), 'cell')} ({verdict_counts(results)}), {attempts}")
    yield Markdown(f"counts as the bug: {bug_words(repro.bug)}")
    if ran:
        pythons = listed(sorted({state.python for state in ran}, key=value_order))
        platforms = listed(sorted({state.platform for state in ran}))
        yield Markdown(f"Python {pythons} on {platforms}")
        yield from _direct_packages(repro, ran)
    if resolvers:
        yield Markdown(f"resolved by {listed(resolvers)}")
    named = [Markdown(f"{code(matrix.name)} ({plain(matrix.title)})") for matrix in matrices]
    yield Markdown(f"matrices: {listed(named)}")
    if len({result.repro_sha256 for result in results}) > 1:
        yield plain("some cells were run with another version of the repro than others; --rerun makes them alike")


def bug_words(bug: Bug) -> Markdown:
    """`hang, with a, then b in one stack`."""
    parts = [plain(bug.kind)]
    if bug.stack:
        parts.append(Markdown(f"with {', then '.join(map(code, bug.stack))} in one stack"))
    if bug.pattern:
        instead = "or a failure with" if bug.kind is BugKind.HANG else "with"
        parts.append(Markdown(f"{instead} output that matches {code(bug.pattern)}"))
    if bug.exit_codes:
        parts.append(Markdown(f"with exit code {listed(map(str, bug.exit_codes))}"))
    if bug.tests:
        parts.append(Markdown(f"of a test called {listed(map(code, bug.tests))}"))
    if bug.accept:
        parts.append(Markdown(f"or the deadline while {listed(map(plain, bug.accept))}"))
    return Markdown(", ".join(parts))


def _direct_packages(repro: Repro, ran: Sequence[Ran]) -> Iterator[Markdown]:
    for requirement in repro.dependencies:
        name = canonicalize_name(Requirement(requirement).name)
        found = {version for state in ran for package, version in state.packages if canonicalize_name(package) == name}
        versions = sorted(found, key=value_order)
        if len(versions) > MOST_RELEASES:
            yield plain(f"{name}: {len(versions)} releases from {versions[0]} to {versions[-1]}")
        elif versions:
            yield Markdown(f"{plain(name)} {listed(versions)}")


def missing(results: Sequence[CellResult]) -> Markdown:
    """Return a table of the cells that are no evidence, why, and what would change that; empty for none."""
    grouped: dict[tuple[str, str, str], list[CellResult]] = {}
    for result in results:
        match result.judgement:
            case Skipped(reason=reason, explanation=explanation):
                told, remedy = _told(result, explanation)
                grouped.setdefault((REASONS[reason], told, remedy), []).append(result)
            case Decided():
                pass
    rows = [
        (_cells_words(cells), plain(reason), code(told), plain(remedy))
        for (reason, told, remedy), cells in grouped.items()
    ]
    return table(("cells", "why", "said", "what would help"), rows) if rows else Markdown("")


def _told(result: CellResult, explanation: str) -> tuple[str, str]:
    match result.state:
        case Unavailable(explanation=told, remedy=remedy):
            line = " ".join(told.split())
            return (line if len(line) <= LONGEST_HEAD else f"{line[: LONGEST_HEAD - 3]}...", remedy)
        case Ran():
            return (message_head(explanation), "")


def _cells_words(results: Sequence[CellResult]) -> Markdown:
    named = [code(result.cell.name) for result in results[:MOST_CELLS]]
    rest = [f"{len(results) - MOST_CELLS} more"] if len(results) > MOST_CELLS else []
    return listed([*named, *rest])


def excluded(matrices: Sequence[Matrix]) -> Iterator[Markdown]:
    """Yield one line for each exclusion, as the matrix says it."""
    for matrix in matrices:
        for exclusion in matrix.exclude:
            where = code(", ".join(f"{axis}={value}" for axis, value in exclusion.where))
            yield sentence(where, "is left out of", code(matrix.name), plain(f"on purpose: {exclusion.reason}"))
