"""Pytest repros, test by test: what each does in which cell, and how that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bisectrix.judge.chain import place, place_text, telling_chain, useful
from bisectrix.judge.signature import message_head
from bisectrix.model.attempt import TestResult
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell, Coordinates
from bisectrix.model.result import CellResult
from bisectrix.model.words import AxisKind, BugKind, TestOutcome, Verdict
from bisectrix.report.answer import Evidence
from bisectrix.report.axes import label, spans
from bisectrix.report.markdown import Markdown, code, enumeration, listed, plain, sentence, table
from bisectrix.report.words import NOT_RUN, chain_block, number, verdict

MOST_NAMED = 4
MOST_COLUMNS = 8

SHOWS = {
    BugKind.HANG: TestOutcome.HANG,
    BugKind.CRASH: TestOutcome.CRASH,
    BugKind.FAIL: TestOutcome.FAIL,
    BugKind.RAISES: TestOutcome.FAIL,
    BugKind.PRINTS: TestOutcome.FAIL,
}
"""What a test does that shows a bug of that kind."""

VERBS = {
    TestOutcome.PASS: "passes",
    TestOutcome.FAIL: "fails",
    TestOutcome.ERROR: "breaks before or after it ran",
    TestOutcome.CRASH: "crashes",
    TestOutcome.HANG: "hangs",
    TestOutcome.TIMEOUT: "is still moving at the deadline",
    TestOutcome.SKIP: "is skipped",
    TestOutcome.XFAIL: "fails as expected",
    TestOutcome.XPASS: "passes though a failure is expected",
    TestOutcome.BLOCKED: "is blocked by something before it",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TestHistory:
    """One test in all cells.

    Attributes:
        seen: cell -> its result in each attempt; only cells in which it was seen.
    """

    __test__ = False

    nodeid: str
    seen: Mapping[Cell, tuple[TestResult, ...]]

    @property
    def file(self) -> str:
        """The part before `::`."""
        return self.nodeid.partition("::")[0]

    @property
    def name(self) -> str:
        """The part after the file; the file where there is none."""
        return self.nodeid.partition("::")[2] or self.nodeid

    def outcomes(self, cell: Cell) -> tuple[TestOutcome, ...]:
        """Return what it did in a cell, each outcome once, in the order of the words."""
        found = {result.outcome for result in self.seen.get(cell, ())}
        return tuple(outcome for outcome in TestOutcome if outcome in found)

    def first(self, outcome: TestOutcome) -> TestResult | None:
        """Return the first result with this outcome."""
        results = (result for each in self.seen.values() for result in each)
        return next((result for result in results if result.outcome is outcome), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """All tests of a repro in all cells that ran, in their natural order.

    Attributes:
        axes: along which the cells differ.
    """

    evidence: Evidence
    cells: tuple[Cell, ...]
    axes: tuple[str, ...]
    tests: tuple[TestHistory, ...]

    @classmethod
    def of(cls, evidence: Evidence) -> Suite | None:
        """Gather the tests; None when no attempt had any."""
        seen: dict[str, dict[Cell, tuple[TestResult, ...]]] = {}
        for cell, test in _test_results(evidence.results):
            by_cell = seen.setdefault(test.nodeid, {})
            by_cell[cell] = (*by_cell.get(cell, ()), test)
        if not seen:
            return None
        cells = tuple(result.cell for result in evidence.results if not isinstance(result.state, Unavailable))
        names = dict.fromkeys(axis for cell in cells for axis, _ in cell.coordinates)
        axes = tuple(axis for axis in names if len({cell.get(axis) for cell in cells}) > 1)
        tests = tuple(TestHistory(nodeid=nodeid, seen=seen[nodeid]) for nodeid in sorted(seen))
        return cls(evidence=evidence, cells=cells, axes=axes, tests=tests)

    @property
    def shown(self) -> TestOutcome:
        """What a test does that shows the bug."""
        return SHOWS[self.evidence.bug.kind]

    @property
    def showing(self) -> tuple[TestHistory, ...]:
        """The tests that show the bug in any cell."""
        return tuple(test for test in self.tests if test.first(self.shown))

    @property
    def differing(self) -> tuple[TestHistory, ...]:
        """The tests that do not do the same in every cell."""
        return tuple(test for test in self.tests if len({test.outcomes(cell) for cell in self.cells}) > 1)

    @property
    def across(self) -> str:
        """The axis along which cells are told together, where there are too many for a column each; else empty."""
        if len(self.axes) < 2 or len(self.cells) <= MOST_COLUMNS:  # noqa: PLR2004 - one axis needs no choice
            return ""
        everywhere = [axis for axis in self.axes if all(cell.get(axis) for cell in self.cells)]
        return min(everywhere, key=lambda axis: len({cell.get(axis) for cell in self.cells}), default="")

    @property
    def columns(self) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
        """What the tables have columns for: a label and its cells."""
        if not self.across:
            return tuple((self.label(cell), (cell,)) for cell in self.cells)
        grouped: dict[str, list[Cell]] = {}
        for cell in self.cells:
            grouped.setdefault(f"{self.across}={cell.get(self.across)}", []).append(cell)
        return tuple((text, tuple(cells)) for text, cells in grouped.items())

    def where(self, cells: Sequence[Cell]) -> str:
        """`on 3.8 to 3.11`, `with vcrpy 8.0.0`, `everywhere`, or the cells by their labels."""
        if len(cells) == len(self.cells):
            return "everywhere"
        if len(self.axes) == 1:
            return _along(self.axes[0], cells, self.cells)
        if self.across:
            return self._axis_words(cells, self.cells) or enumeration(list(self._in_columns(frozenset(cells))))
        return f"in {enumeration([self.label(cell) for cell in cells])}"

    def _in_columns(self, cells: frozenset[Cell]) -> Iterator[str]:
        """Yield the columns that are meant as a whole, then for each other one which part of it is."""
        whole = [cell for _, column in self.columns if cells.issuperset(column) for cell in column]
        if whole:
            yield _along(self.across, whole, self.cells)
        for _, column in self.columns:
            part = [cell for cell in column if cell in cells]
            if part and len(part) < len(column):
                words = self._axis_words(part, column) or f"in {len(part)} of {len(column)} cells"
                yield f"{_along(self.across, part, self.cells)} {words}"

    def _axis_words(self, part: Sequence[Cell], whole: Sequence[Cell]) -> str:
        """`on 3.12 and 3.13` where one axis alone tells a part from the rest; else empty."""
        for axis in self.axes:
            values = {cell.get(axis) for cell in part}
            if all(values) and list(part) == [cell for cell in whole if cell.get(axis) in values]:
                return _along(axis, part, whole)
        return ""

    def label(self, cell: Cell) -> str:
        """Return what tells a cell from the others."""
        differing: Coordinates = tuple(pair for pair in cell.coordinates if pair[0] in self.axes)
        return label(differing) or "outcome"


def _along(axis: str, cells: Sequence[Cell], all_cells: Sequence[Cell]) -> str:
    """`on 3.8 to 3.11`, `with vcrpy 8.0.0`."""
    ordered = list(dict.fromkeys(cell.get(axis) for cell in all_cells))
    values = spans(list(dict.fromkeys(cell.get(axis) for cell in cells)), ordered)
    return f"on {values}" if axis == AxisKind.PYTHON else f"with {axis} {values}"


def answer_by_test(suite: Suite) -> tuple[Markdown, ...]:
    """Return two sentences: which tests show the bug where, and what avoids it."""
    named = [_shown_where(suite, test) for test in suite.showing[:MOST_NAMED]]
    rest = [f"{len(suite.showing) - MOST_NAMED} more"] if len(suite.showing) > MOST_NAMED else []
    verb = VERBS[suite.shown] if len(suite.showing) == 1 else suite.shown
    head = f"{len(suite.showing)} of {number(len(suite.tests), 'test')} {verb}:"
    pins = suite.evidence.pins
    way_out = (suite.evidence.pin_words(pins[0]), "avoids it,") if pins else (_fewest(suite),)
    same = number(len(suite.tests) - len(suite.differing), "test does", "tests do")
    return (sentence(head, listed([*named, *rest])), sentence(*way_out, f"and {same} the same everywhere"))


def _fewest(suite: Suite) -> str:
    """`It is good on 3.8,`, or `No cell is good; fewest tests show it on 3.8 and 3.13 (2),`."""
    good = [result.cell for result in suite.evidence.results if verdict(result) is Verdict.GOOD]
    if good:
        return f"It is good {suite.where(good)},"
    counted = {cell: sum(suite.shown in test.outcomes(cell) for test in suite.tests) for cell in suite.cells}
    least = min(counted.values())
    cells = [cell for cell, count in counted.items() if count == least]
    alike = len(cells) == len(suite.cells)
    return "No cell is good," if alike else f"No cell is good; fewest tests show it {suite.where(cells)} ({least}),"


def _shown_where(suite: Suite, test: TestHistory) -> Markdown:
    cells = [cell for cell in suite.cells if suite.shown in test.outcomes(cell)]
    return Markdown(f"{code(test.name)} {plain(suite.where(cells))}")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileTable:
    """The tests of one file: how they did, and the table."""

    file: str
    counts: str
    table: Markdown


def file_tables(suite: Suite) -> Iterator[FileTable]:
    """Yield a table for each file: a row a test, a column a cell, or what cells have in common."""
    for file, group in groupby(suite.tests, key=lambda test: test.file):
        tests = list(group)
        rows = [(code(test.name), *(_words(suite, test, cells) for _, cells in suite.columns)) for test in tests]
        header = ("test", *(text for text, _ in suite.columns))
        yield FileTable(file=file, counts=_counts(tests), table=table(header, rows))


def _counts(tests: Sequence[TestHistory]) -> str:
    counted = Counter(result.outcome for test in tests for results in test.seen.values() for result in results)
    told = ", ".join(f"{outcome} {counted[outcome]}" for outcome in TestOutcome if counted[outcome])
    return f"{number(len(tests), 'test')}: {told}"


def _words(suite: Suite, test: TestHistory, cells: Sequence[Cell]) -> Markdown:
    results = [result for cell in cells for result in test.seen.get(cell, ())]
    if not results:
        return NOT_RUN
    counted = Counter(result.outcome for result in results)
    if len(results) == 1:
        told = str(results[0].outcome)
    else:
        told = ", ".join(f"{outcome} {counted[outcome]}/{len(results)}" for outcome in TestOutcome if counted[outcome])
    return Markdown(f"**{plain(told)}**") if suite.shown in counted else plain(told)


def differences(suite: Suite) -> Iterator[Markdown]:
    """Yield one sentence for each test that differs between cells or shows the bug, and what its failure shows."""
    for test in suite.tests:
        if test in suite.showing or test in suite.differing:
            clauses = ", ".join(_clauses(suite, test))
            yield Markdown(" ".join((sentence(code(test.name), clauses), *_shown_by(suite, test))))


def _clauses(suite: Suite, test: TestHistory) -> Iterator[str]:
    by_outcome: dict[tuple[TestOutcome, ...], list[Cell]] = {}
    for cell in suite.cells:
        by_outcome.setdefault(test.outcomes(cell), []).append(cell)
    for outcomes, cells in by_outcome.items():
        if not outcomes and "::" not in test.nodeid:  # a file or an exit is only told of where it went wrong
            continue
        counted = Counter(result.outcome for cell in cells for result in test.seen.get(cell, ()))
        does = " and ".join(_does(outcome, counted) for outcome in outcomes) or "did not run"
        yield f"{does} {suite.where(cells)}"


def _does(outcome: TestOutcome, counted: Counter[TestOutcome]) -> str:
    """`fails`, or `fails 3 of 10 times` where it does not always."""
    count, total = counted[outcome], counted.total()
    return VERBS[outcome] if count == total else f"{VERBS[outcome]} {count} of {total} times"


def _shown_by(suite: Suite, test: TestHistory) -> Iterator[Markdown]:
    """Yield what each kind of failure of a test shows, and why it was skipped."""
    for outcome in TestOutcome:
        result = test.first(outcome)
        if result is None or outcome in {TestOutcome.PASS, TestOutcome.XPASS}:
            continue
        chain = telling_chain(result.chains, suite.evidence.bug.stack)
        frame = place(chain.frames) if chain else None
        told = f"waits in {place_text(frame)}" if frame else message_head(result.message)
        if told:
            yield sentence(f"{outcome}:", code(told))


@dataclass(frozen=True, kw_only=True, slots=True)
class TestWait:
    """Where a test waits, as seen in one cell."""

    __test__ = False

    name: str
    cell: Cell
    chain: Markdown


def test_waits(suite: Suite) -> Iterator[TestWait]:
    """Yield for each test that hangs the shortest useful chain, from the first cell that has one."""
    for test in suite.tests:
        for cell, result in ((cell, result) for cell, results in test.seen.items() for result in results):
            chain = telling_chain(result.chains, suite.evidence.bug.stack)
            if result.outcome is TestOutcome.HANG and chain:
                frames = useful(chain.frames, suite.evidence.bug.stack)
                yield TestWait(name=test.name, cell=cell, chain=chain_block(frames))
                break


def _test_results(results: Sequence[CellResult]) -> Iterator[tuple[Cell, TestResult]]:
    for result in results:
        if not isinstance(result.state, Unavailable):
            for attempt in result.state.attempts:
                yield from ((result.cell, test) for test in attempt.tests)
