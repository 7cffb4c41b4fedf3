"""What was said about a bug, and what the records make of it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from bisectrix.judge.claims import Counted, Pair, Searched, Settled, settle
from bisectrix.judge.rate import rate_text
from bisectrix.model.claim import ChangesAt, SeenIn, Share, Stated
from bisectrix.model.matrix import Coordinates, Matrix
from bisectrix.model.repro import Repro
from bisectrix.model.words import ClaimStatus, Verdict
from bisectrix.report.again import run_command
from bisectrix.report.answer import Evidence
from bisectrix.report.axes import kind_of
from bisectrix.report.markdown import Markdown, block, code, link, plain, sentence, table
from bisectrix.report.words import counts_words, number

MOST_PAIRS = 4
HELD = {True: "as claimed", False: "not as claimed", None: "not seen yet"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimWords:
    """One claim, ready for the page.

    Attributes:
        says: the statement with its source and what its author thought of it.
        seen: a sentence for each expectation and each controlled pair.
        commands: what shows it.
    """

    id: str
    says: Markdown
    status: Markdown
    seen: tuple[Markdown, ...]
    commands: Markdown


def settled_claims(repro: Repro, evidence: Evidence) -> tuple[Settled, ...]:
    """Return every claim of a repro with what became of it, in the order of the manifest."""
    return tuple(settle(claim, evidence.results, evidence.bisections) for claim in repro.claims)


def claims(repro: Repro, evidence: Evidence) -> Iterator[ClaimWords]:
    """Yield the claims of a repro for its page."""
    for settled in settled_claims(repro, evidence):
        commands = tuple(dict.fromkeys(claim_commands(settled, repro, evidence.matrices)))
        yield ClaimWords(
            id=settled.claim.id,
            says=_says(settled),
            status=Markdown(f"**{status_words(settled)}**"),
            seen=tuple(sentence(plain(words)) for words in seen_words(settled)),
            commands=block(commands, "sh") if commands else Markdown(""),
        )


def claim_table(words: Sequence[ClaimWords]) -> Markdown:
    """Return all claims with their status."""
    return table(("claim", "what was said", "status"), [(code(one.id), one.says, one.status) for one in words])


def status_counts(settled: Iterable[Settled]) -> str:
    """`7 verified, 1 of them vacuous, 2 refuted`; empty without claims."""
    found = list(settled)
    counted = Counter(one.status for one in found)
    vacuous = sum(one.vacuous for one in found)
    words = [f"{counted[status]} {status}" for status in ClaimStatus if counted[status]]
    if vacuous:
        words[0] += f" ({vacuous} vacuous)"
    return ", ".join(words)


def status_words(settled: Settled) -> str:
    """`verified`, `verified but vacuous`."""
    return f"{settled.status} but vacuous" if settled.vacuous else str(settled.status)


def seen_words(settled: Settled) -> Iterator[str]:
    """Yield a clause for all that was looked at, plain text."""
    if settled.claim.untestable:
        yield f"no cell can settle it: {settled.claim.untestable}"
    for check in settled.checks:
        yield _check_words(check)
    yield from _pair_words(settled)
    if settled.claim.note:
        yield settled.claim.note.rstrip(".")


def _says(settled: Settled) -> Markdown:
    claim = settled.claim
    likelihood = plain(f"(its author: {claim.likelihood})") if claim.likelihood else ""
    source = link("source", claim.source) if claim.source else ""
    said = plain(f"{claim.kind}: {claim.says}")
    return Markdown(" ".join(filter(None, (said, likelihood, source))))


def _check_words(check: Counted | Searched) -> str:
    match check:
        case Counted(holds=None, expected=expected):
            return f"{_where(expected.where)}: nothing is recorded that could tell"
        case Counted(expected=expected, rate=rate, holds=holds):
            counted = rate_text(rate, _what(expected))
            cells = f" in {number(len(check.cells), 'cell')}" if len(check.cells) > 1 else ""
            return f"{_where(expected.where)}: {counted}{cells}, {_claimed(expected.share)}{HELD[holds]}"
        case Searched(found="", expected=expected):
            return f"{_change(expected)}: nobody has searched along {expected.axis} yet"
        case Searched(expected=expected, found=found, holds=holds):
            verdict = HELD[holds] if holds is not None else "the bisection cannot tell"
            return f"{_change(expected)}: {verdict}; the bisection says: {found.rstrip('.')}"
        case _:
            assert_never(check)


def _where(where: Coordinates) -> str:
    return ", ".join(f"{axis}={value}" for axis, value in where) or "every cell"


def _what(expected: SeenIn) -> str:
    words: dict[str, str] = {Verdict.BAD: "shows the bug", Verdict.GOOD: "does not show the bug"}
    outcome = words.get(expected.outcome, expected.outcome)
    of = f"{expected.test} " if expected.test else ""
    shows = f" with {expected.shows}" if expected.shows else ""
    return f"{of}{outcome}{shows}"


def _claimed(share: Share | Stated) -> str:
    match share:
        case Share.EVERY:
            return ""
        case Share.SOME:
            return "some claimed, "
        case Stated(low=low, high=high) if low == high:
            return f"{low:.3g} claimed, "
        case Stated(low=low, high=high):
            return f"{low:.3g} to {high:.3g} claimed, "


def _change(expected: ChangesAt) -> str:
    parts = [f"{word} {value}" for word, value in _ends(expected) if value]
    face = f" with {expected.shows}" if expected.shows else ""
    return f"{expected.axis}: {' and '.join(parts)}{face}"


def _ends(expected: ChangesAt) -> tuple[tuple[str, str], ...]:
    return (("introduced in", expected.introduced), ("fixed in", expected.fixed))


def _pair_words(settled: Settled) -> Iterator[str]:
    if not settled.claim.cause:
        return
    if not settled.pairs and any(isinstance(check, Counted) and check.cells for check in settled.checks):
        yield f"no cell that differs in {settled.claim.cause} alone is recorded: the cause is not controlled"
    alike = Counter(_beside(settled.claim.cause, pair) for pair in settled.pairs)
    for words, pairs in tuple(alike.items())[:MOST_PAIRS]:
        yield f"{words}, in each of {pairs} pairs of cells" if pairs > 1 else words
    if len(alike) > MOST_PAIRS:
        same = sum(pair.same for pair in settled.pairs)
        yield f"{len(settled.pairs)} such pairs in all, {same} of them with the same outcome on both sides"


def _beside(cause: str, pair: Pair) -> str:
    here, there = counts_words(pair.cell), counts_words(pair.beside)
    what = "makes no difference" if pair.same else "makes the difference"
    besides = f" but {number(pair.packages, 'package')} in the lock" if pair.packages else ""
    return (
        f"{cause} {what}: {here} with {pair.cell.cell.get(cause)}, {there} with {pair.other}, "
        f"nothing else differs{besides}"
    )


def claim_commands(settled: Settled, repro: Repro, matrices: Sequence[Matrix]) -> Iterator[str]:
    """Yield what to type to see it: one cell for each expectation, or the search."""
    for check in settled.checks:
        match check:
            case Counted(cells=(first, *_)):
                yield run_command(repro, matrices, first.cell)
            case Counted(expected=expected):
                chosen = " and ".join(f"{axis}={value}" for axis, value in expected.where)
                yield f"nox -s matrix -- {shlex.join([repro.name, '-k', chosen] if chosen else [repro.name])}"
            case Searched(commands=(_, *_) as commands):
                yield from commands
            case Searched(expected=expected):
                yield search_command(repro, expected, matrices)
            case _:
                assert_never(check)


def search_command(repro: Repro, expected: ChangesAt, matrices: Sequence[Matrix]) -> str:
    """Return the command that searches along the axis of an expectation."""
    kind = kind_of(expected.axis, matrices)
    option = {"package": ["--package", expected.axis], "python": ["--pythons"]}.get(kind, ["--axis", expected.axis])
    face = ["--shows", expected.shows] if expected.shows else []
    return f"nox -s bisect -- {shlex.join([repro.name, *option, *face])}"
