"""Which files of a release import which."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

from bisectrix.explain.difference import Files
from bisectrix.explain.outline import PYTHON_SUFFIXES, blocks, parsed


def imports_of(files: Files, paths: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return for those of `paths` that are there and can be parsed which other files they import, anywhere in them."""
    by_module = {_module(path): path for path in files if path.endswith(PYTHON_SUFFIXES)}
    found = {}
    for path in sorted(set(paths) & set(by_module.values())):
        content = files[path]
        tree = parsed(content) if isinstance(content, bytes) else None
        if tree is not None:
            modules = set(_imported(tree, tuple(path.split("/")[:-1])))
            found[path] = frozenset(by_module[module] for module in modules & set(by_module)) - {path}
    return found


def _module(path: str) -> str:
    """`vcr/stubs/__init__.py` -> `vcr.stubs`."""
    stem = path.rpartition(".")[0]
    return stem.removesuffix("/__init__").replace("/", ".")


def _imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[str]:
    """Yield every dotted name that may be a module."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(names=names, module=module, level=level):
                base = package[: len(package) - level + 1] if level else ()
                origin = ".".join((*base, *filter(None, [module])))
                yield from (origin, *(f"{origin}.{alias.name}" for alias in names))
            case _:
                pending += (inner for block in blocks(node) for inner in block)
