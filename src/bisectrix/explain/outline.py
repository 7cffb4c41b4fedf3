"""A Python file as the pieces that a stack can name, written so that layout, comments and docstrings do not show."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bisectrix.explain.difference import MODULE

LARGEST_PARSED_BYTES = 1024**2  # trees take some hundred times the size of their source
PYTHON_SUFFIXES = (".py", ".pyi")

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
OLD_PREFIX = re.compile(rb"\b[uU][\"']")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """What a file says under one name.

    Attributes:
        lines: its own ones in a standard layout, without those of the definitions inside.
        spans: first and last line in the file, from 1, of each definition of that name; empty for a module.
    """

    lines: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()


Outline: TypeAlias = dict[str, Piece]
"""Dotted name of a function, method or class, or `<module>`, to what stands there."""


def outline(source: bytes) -> Outline | None:
    """Return the pieces of a file, those without code of their own left out; None where it cannot be parsed.

    Equal lines mean equal syntax trees. Definitions of the same name, such as a property and its setter, are one
    piece.
    """
    tree = parsed(source)
    if tree is None:
        return None
    try:
        return _Outliner().outline(tree)
    except (RecursionError, ValueError):  # the latter: nested quotes in an f-string that this Python cannot write
        return None


def parsed(source: bytes) -> ast.Module | None:
    """Return the syntax tree of a file; None where this Python does not understand it."""
    if len(source) > LARGEST_PARSED_BYTES:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # somebody else's invalid escapes
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    if OLD_PREFIX.search(source):
        _drop_old_prefixes(tree)
    return tree


def blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    """Yield the lists of statements, of handlers and of cases directly inside of a statement."""
    for field in BLOCKS:
        if isinstance(block := getattr(node, field, None), list):
            yield block


def _drop_old_prefixes(tree: ast.Module) -> None:
    """Let `u"text"` be `"text"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None


class _Outliner:
    """Takes definitions out of what is around them, and statements out that do nothing."""

    def __init__(self) -> None:
        self._pieces: Outline = {}

    def outline(self, tree: ast.Module) -> Outline:
        """Return the pieces of a tree, which is taken apart."""
        self._strip(tree, scope=())
        self._keep(MODULE, tree, spans=())
        return {name: piece for name, piece in self._pieces.items() if piece.lines}

    def _strip(self, node: ast.AST, scope: tuple[str, ...]) -> None:
        for block in blocks(node):
            block[:] = [inner for inner in block if not self._takes_out(inner, scope)]

    def _takes_out(self, node: ast.AST, scope: tuple[str, ...]) -> bool:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._strip(node, (*scope, node.name))
                first = min(part.lineno for part in (node, *node.decorator_list))
                self._keep(".".join((*scope, node.name)), node, spans=((first, node.end_lineno or first),))
                return True
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return True
            case _:
                self._strip(node, scope)
                return False

    def _keep(self, name: str, node: ast.AST, spans: tuple[tuple[int, int], ...]) -> None:
        known = self._pieces.get(name, Piece(lines=()))
        lines = (*known.lines, *ast.unparse(node).splitlines())
        self._pieces[name] = Piece(lines=lines, spans=(*known.spans, *spans))
