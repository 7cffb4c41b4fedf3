"""Two releases, file by file and function by function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from bisectrix.explain.difference import Change, Content, Difference, FileChange, Files, Place
from bisectrix.explain.metadata import dependency_changes, field_changes, is_metadata, metadata_of
from bisectrix.explain.outline import PYTHON_SUFFIXES, Outline, Piece, outline

CODE_SUFFIXES = (*PYTHON_SUFFIXES, ".so", ".pyd")
CACHE_SUFFIXES = (".pyc", ".pyo")


def compare(old: Files, new: Files) -> Difference:
    """Return what differs between an older and a newer release."""
    before, after = metadata_of(old), metadata_of(new)
    return Difference(
        files=tuple(_file_changes(old, new)),
        dependencies=dependency_changes(before, after),
        fields=field_changes(before, after),
    )


def is_code(path: str) -> bool:
    """Say whether a file is run, as Python or as an extension."""
    return path.endswith(CODE_SUFFIXES)


def is_test(path: str) -> bool:
    """Say whether a file is for testing the package."""
    *folders, name = PurePosixPath(path).parts
    return bool({"tests", "test"} & set(folders)) or name.startswith("test_") or name == "conftest.py"


def _file_changes(old: Files, new: Files) -> Iterator[FileChange]:
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before != after and not is_metadata(path) and not path.endswith(CACHE_SUFFIXES):
            change = _code_change(path, before, after) if path.endswith(PYTHON_SUFFIXES) else None
            if change is None:
                yield _text_change(path, before, after)
            elif change.places:
                yield change


def _code_change(path: str, before: Content | None, after: Content | None) -> FileChange | None:
    """Return the places that differ, none where only layout does; None where a side cannot be parsed."""
    old, new = _outline(before), _outline(after)
    if old is None or new is None:
        return None
    places = tuple(_places(old, new))
    if not places and (before is None or after is None):
        return None
    return FileChange(path=path, change=_kind(before, after), size=sum(place.size for place in places), places=places)


def _outline(content: Content | None) -> Outline | None:
    if content is None:
        return {}
    return outline(content) if isinstance(content, bytes) else None


def _places(old: Outline, new: Outline) -> Iterator[Place]:
    nothing = Piece(lines=())
    for name in sorted({*old, *new}):
        before, after = old.get(name, nothing), new.get(name, nothing)
        if before.lines != after.lines:
            yield Place(
                name=name,
                change=_kind(old.get(name), new.get(name)),
                size=_size(before.lines, after.lines),
                spans=(*before.spans, *after.spans),
            )


def _text_change(path: str, before: Content | None, after: Content | None) -> FileChange:
    old, new = _lines(before), _lines(after)
    size = 0 if old is None or new is None else _size(old, new)
    return FileChange(path=path, change=_kind(before, after), size=size)


def _lines(content: Content | None) -> Sequence[str] | None:
    """Return the lines of a file, none for one that is not there; None where it is no text or too large."""
    if content is None:
        return ()
    try:
        return content.decode().splitlines() if isinstance(content, bytes) else None
    except UnicodeDecodeError:
        return None


def _kind(before: object | None, after: object | None) -> Change:
    if before is None:
        return Change.ADDED
    return Change.REMOVED if after is None else Change.CHANGED


def _size(before: Iterable[str], after: Iterable[str]) -> int:
    """Count the lines of each side that the other does not have; lines that moved do not count, a change is one."""
    old, new = Counter(before), Counter(after)
    return max((old - new).total(), (new - old).total(), 1)
