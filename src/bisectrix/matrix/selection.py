"""Which cells are meant: `-k` expressions, in the manner of pytest, with comparisons along axes.

either     = both ("or" both)*
both       = one ("and" one)*
one        = "not" one | "(" either ")" | term
term       = word | axis ("=" | "!=" | "<" | "<=" | ">" | ">=") value | cell name
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from packaging.utils import canonicalize_name
from packaging.version import Version

from bisectrix.errors import UsageError
from bisectrix.model.matching import comparable, is_value
from bisectrix.model.matrix import Cell, Coordinates

HINT = (
    "words, axis=value, axis>=value (also != < <= >), joined by and, or, not and parentheses: 'vcrpy>=8 and not 3.13'"
)

TOKEN = re.compile(
    r"""\s*(?:
      (?P<cell>[^\s()=<>!@]+@[^\s()]*)
    | (?P<comparison>[<>!=]=|[<>=])
    | (?P<bracket>[()])
    | (?P<word>[^\s()=<>!]+)
    | (?P<unknown>\S)
    )""",
    re.VERBOSE,
)

MOST_TOKENS = 200
"""Bounds how deeply an expression can be nested."""

ORDERINGS: dict[str, Callable[[Version | str, Version | str], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """Stands in the cell's name, upper and lower case alike."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A cell's name, or the part of one that counts: `vcr-pool@vcrpy=8.1.1`."""

    repro: str
    coordinates: Coordinates


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The cell's value along an axis against a value; a cell without that axis does not match."""

    axis: str
    comparison: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """All cells but those."""

    part: Expression


@dataclass(frozen=True, kw_only=True, slots=True)
class All:
    """Cells that every part matches."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Any:
    """Cells that at least one part matches."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = Word | Name | Comparison | Not | All | Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """A `-k` expression; call it with a cell."""

    text: str
    expression: Expression

    def __call__(self, cell: Cell) -> bool:
        """Say whether `cell` is meant."""
        return _matches(self.expression, cell)


def parse_selection(text: str) -> Selection:
    """Read a `-k` expression.

    Raises:
        UsageError: it cannot be read; the message points at the place.
    """
    return Selection(text=text, expression=_Parser(text).parse())


def names(selection: Selection) -> frozenset[str]:
    """Return the axes that the expression compares, to warn of those that no cell has."""
    return frozenset(_axes(selection.expression))


def _axes(expression: Expression) -> set[str]:
    match expression:
        case Word():
            return set()
        case Name(coordinates=coordinates):
            return {axis for axis, _ in coordinates}
        case Comparison(axis=axis):
            return {axis}
        case Not(part=part):
            return _axes(part)
        case All(parts=parts) | Any(parts=parts):
            return set().union(*(_axes(part) for part in parts))
        case _:
            assert_never(expression)


def _matches(expression: Expression, cell: Cell) -> bool:
    match expression:
        case Word(text=text):
            return text.casefold() in cell.name.casefold()
        case Name(repro=repro, coordinates=coordinates):
            return cell.repro == repro and set(coordinates) <= set(cell.coordinates)
        case Comparison():
            return _compares(expression, cell)
        case Not(part=part):
            return not _matches(part, cell)
        case All(parts=parts):
            return all(_matches(part, cell) for part in parts)
        case Any(parts=parts):
            return any(_matches(part, cell) for part in parts)
        case _:
            assert_never(expression)


def _compares(wanted: Comparison, cell: Cell) -> bool:
    axes = {canonicalize_name(axis): value for axis, value in cell.coordinates}
    axis = canonicalize_name(wanted.axis)
    if axis not in axes:
        return False
    match wanted.comparison:
        case "=" | "==":
            return is_value(axes[axis], wanted.value)
        case "!=":
            return not is_value(axes[axis], wanted.value)
        case ordering:
            return ORDERINGS[ordering](*comparable(axes[axis], wanted.value))


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [token for token in TOKEN.finditer(text) if token.lastgroup]
        self._next = 0
        if len(self._tokens) > MOST_TOKENS:
            raise UsageError(f"longer than {MOST_TOKENS} words", place="-k", hint="run it in several parts")

    def parse(self) -> Expression:
        expression = self._either()
        if self._next < len(self._tokens):
            raise self._error("expected and, or, or the end")
        return expression

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._take("word", "or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Any(parts=tuple(parts))

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._take("word", "and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(parts=tuple(parts))

    def _one(self) -> Expression:
        if self._take("word", "not"):
            return Not(part=self._one())
        if self._take("bracket", "("):
            inner = self._either()
            if not self._take("bracket", ")"):
                raise self._error("expected )")
            return inner
        return self._term()

    def _term(self) -> Expression:
        if cell := self._take("cell"):
            return self._name(cell)
        word = self._plain_word("expected a word or (")
        comparison = self._take("comparison")
        if not comparison:
            return Word(text=word)
        return Comparison(
            axis=word, comparison=comparison, value=self._plain_word(f"expected a value after {comparison}")
        )

    def _plain_word(self, expected: str) -> str:
        if self._peek() in {("word", "and"), ("word", "or"), ("word", "not")}:
            raise self._error(expected)
        word = self._take("word")
        if not word:
            raise self._error(expected)
        return word

    def _name(self, text: str) -> Name:
        repro, _, rest = text.partition("@")
        pairs = [part.partition("=") for part in rest.split(",") if part]
        if any(not value for _, _, value in pairs):
            self._next -= 1
            raise self._error("expected the name of a cell, NAME@AXIS=VALUE,...")
        return Name(repro=repro, coordinates=tuple((axis, value) for axis, _, value in pairs))

    def _peek(self) -> tuple[str, str]:
        if self._next == len(self._tokens):
            return "", ""
        token = self._tokens[self._next]
        kind = token.lastgroup or ""
        return kind, token[kind]

    def _take(self, wanted_kind: str, wanted: str = "") -> str:
        kind, text = self._peek()
        if kind != wanted_kind or (wanted and text != wanted):
            return ""
        self._next += 1
        return text

    def _error(self, expected: str) -> UsageError:
        found = self._peek()[1]
        column = len(self._text)
        if found:
            token = self._tokens[self._next]
            column = token.start(token.lastgroup or 0)
        what = f"{expected}, found {found!r}" if found else f"{expected}, found the end"
        return UsageError(f"{what}\n  {self._text}\n  {' ' * column}^", place="-k", hint=HINT)
