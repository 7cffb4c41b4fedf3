"""Claims against what was seen: verified, refuted, mixed, or not settled, with the counts that say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from bisectrix.judge.rate import wilson
from bisectrix.judge.shown import found_in, shows
from bisectrix.model.attempt import Attempt, TestResult
from bisectrix.model.bisection import BisectionRecord, FoundBoundary
from bisectrix.model.claim import ChangesAt, Claim, Expectation, SeenIn, Share, Stated
from bisectrix.model.environment import Unavailable
from bisectrix.model.matching import has_all
from bisectrix.model.matrix import Coordinates
from bisectrix.model.result import CellResult, Ran, Rate
from bisectrix.model.words import ClaimStatus, Outcome, Verdict

INTRODUCED, FIXED = "introduced", "fixed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """An expectation of cells, with what was seen in them.

    Attributes:
        holds: None when nothing was seen that could tell.
        rate: attempts, or tests, that look as expected.
        cells: the results it was counted in, in their order.
    """

    expected: SeenIn
    holds: bool | None
    rate: Rate
    cells: tuple[CellResult, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """An expectation of a change, with what bisections found.

    Attributes:
        found: what they say; empty where nobody searched.
        commands: what searches again.
    """

    expected: ChangesAt
    holds: bool | None
    found: str
    commands: tuple[str, ...] = ()


Checked: TypeAlias = Counted | Searched


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two cells that differ in the axis of the cause alone.

    Attributes:
        other: the value along that axis of the cell beside it.
        same: both look as expected, or neither does.
        packages: how many packages the two locks do not share.
    """

    cell: CellResult
    beside: CellResult
    other: str
    same: bool
    packages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A claim and what became of it.

    Attributes:
        pairs: for a claim that names a cause, what controls it.
        vacuous: the same was seen without the cause in every pair, so that the claim, though true, says nothing of it.
    """

    claim: Claim
    status: ClaimStatus
    checks: tuple[Checked, ...]
    pairs: tuple[Pair, ...]
    vacuous: bool


def settle(claim: Claim, results: Sequence[CellResult], bisections: Sequence[BisectionRecord] = ()) -> Settled:
    """Say what the records make of a claim."""
    checks = tuple(_check(expected, results, bisections) for expected in claim.expect)
    pairs = tuple(pair for check in checks if isinstance(check, Counted) for pair in _pairs(claim, check, results))
    status = _status(claim, checks)
    return Settled(
        claim=claim,
        status=status,
        checks=checks,
        pairs=pairs,
        vacuous=status is ClaimStatus.VERIFIED and bool(pairs) and all(pair.same for pair in pairs),
    )


def _status(claim: Claim, checks: Sequence[Checked]) -> ClaimStatus:
    held = [check.holds for check in checks]
    if claim.untestable:
        return ClaimStatus.UNTESTABLE
    if False in held:
        return ClaimStatus.MIXED if True in held else ClaimStatus.REFUTED
    return ClaimStatus.UNTESTED if None in held or not held else ClaimStatus.VERIFIED


def _check(
    expected: Expectation, results: Sequence[CellResult], bisections: Sequence[BisectionRecord]
) -> Counted | Searched:
    match expected:
        case SeenIn():
            return _counted(expected, [result for result in results if has_all(result.cell, expected.where)])
        case ChangesAt():
            return _searched(expected, [record for record in bisections if _is_about(record, expected)])


def _counted(expected: SeenIn, results: Sequence[CellResult]) -> Counted:
    seen = [(result, tuple(_looks(expected, result))) for result in results]
    looks = [look for _, of_cell in seen for look in of_cell]
    rate = wilson(sum(looks), len(looks))
    return Counted(
        expected=expected,
        holds=_holds(expected.share, rate) if looks else None,
        rate=rate,
        cells=tuple(result for result, of_cell in seen if of_cell),
    )


def _holds(share: Share | Stated, rate: Rate) -> bool:
    match share:
        case Share.EVERY:
            return rate.bad == rate.attempts
        case Share.SOME:
            return rate.bad > 0
        case Stated(low=low, high=high):
            return rate.low <= high and low <= rate.high


def _looks(expected: SeenIn, result: CellResult) -> Iterator[bool]:
    """Say of each attempt, or test, that could tell whether it looks as expected."""
    match result.state:
        case Unavailable():
            if expected.outcome == Outcome.UNAVAILABLE:
                yield True
        case Ran(attempts=attempts):
            for attempt in attempts:
                yield from _tests_look(expected, attempt) if expected.test else _attempt_looks(expected, attempt)


def _attempt_looks(expected: SeenIn, attempt: Attempt) -> Iterator[bool]:
    if expected.outcome not in set(Verdict):
        yield attempt.outcome == expected.outcome and shows(expected.shows, attempt)
    elif attempt.verdict is not Verdict.SKIP:
        yield attempt.verdict == expected.outcome and shows(expected.shows, attempt)


def _tests_look(expected: SeenIn, attempt: Attempt) -> Iterator[bool]:
    for test in attempt.tests:
        if _is_named(test.nodeid, expected.test):
            yield test.outcome == expected.outcome and found_in(expected.shows, _test_told(test))


def _is_named(nodeid: str, pattern: str) -> bool:
    """Compare with the whole id, or with the part behind the file."""
    return fnmatchcase(nodeid, pattern) or fnmatchcase(nodeid.partition("::")[2], pattern)


def _test_told(test: TestResult) -> Iterator[str]:
    yield test.message
    yield from (f"{frame.file}:{frame.function}" for chain in test.chains for frame in chain.frames)


def _pairs(claim: Claim, check: Counted, results: Sequence[CellResult]) -> Iterator[Pair]:
    """Put the cells of a check beside those that differ from them only along the axis of the cause."""
    if not claim.cause:
        return
    for result in check.cells:
        for beside in results:
            other = beside.cell.get(claim.cause)
            holds = _cell_holds(check.expected, beside)
            is_control = _differ_in(result, beside) == {claim.cause} and claim.against in {"", other}
            if is_control and holds is not None:
                yield Pair(
                    cell=result,
                    beside=beside,
                    other=other,
                    same=holds == _cell_holds(check.expected, result),
                    packages=_packages_between(result, beside),
                )


def _cell_holds(expected: SeenIn, result: CellResult) -> bool | None:
    looks = tuple(_looks(expected, result))
    return _holds(expected.share, wilson(sum(looks), len(looks))) if looks else None


def _differ_in(one: CellResult, other: CellResult) -> set[str]:
    left, right = dict(one.cell.coordinates), dict(other.cell.coordinates)
    if left.keys() != right.keys():
        return set()
    return {axis for axis, value in left.items() if right[axis] != value}


def _packages_between(one: CellResult, other: CellResult) -> int:
    left, right = (_packages(result) for result in (one, other))
    return len({name for name, _ in {*left} ^ {*right}})


def _packages(result: CellResult) -> Coordinates:
    return result.state.packages if isinstance(result.state, Ran) else ()


def _is_about(record: BisectionRecord, expected: ChangesAt) -> bool:
    return (record.axis, record.shows) == (expected.axis, expected.shows)


def _searched(expected: ChangesAt, records: Sequence[BisectionRecord]) -> Searched:
    if not records:
        return Searched(expected=expected, holds=None, found="")
    boundaries = [boundary for record in records for boundary in record.boundaries]
    claimed = [(INTRODUCED, expected.introduced), (FIXED, expected.fixed)]
    held = [_is_at(value, direction, boundaries) for direction, value in claimed if value]
    return Searched(
        expected=expected,
        holds=False if False in held else None if None in held else True,
        found=" ".join(dict.fromkeys(said for record in records for said in record.sentences)),
        commands=tuple(record.commands[0] for record in records if record.commands),
    )


def _is_at(value: str, direction: str, boundaries: Sequence[FoundBoundary]) -> bool | None:
    """Say whether a boundary has `value` as its newer side; None where it may be, or where none was found."""
    found = [boundary for boundary in boundaries if boundary.direction == direction]
    if not found:
        return None
    newer = {boundary.first_bad if direction == INTRODUCED else boundary.last_good for boundary in found}
    between = {untested for boundary in found for untested in boundary.untested}
    if value in between or (value in newer and between):
        return None
    return value in newer
