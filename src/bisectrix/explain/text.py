"""An explanation in words, for a terminal and for a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

from bisectrix.explain.culprit import Explanation
from bisectrix.explain.difference import Change, DependencyChange, FieldChange, Place
from bisectrix.explain.rank import Ranked

MOST_FILES = 5
MOST_PLACES = 6
LONGEST_NAME = 160

Quote: TypeAlias = Callable[[str], str]
"""Makes words from a package fit to be shown."""


def plain_text(explanation: Explanation, most_files: int = MOST_FILES) -> str:
    """Return a few lines for a terminal or an issue, without a line break at the end."""
    first, rest = explanation.files[:most_files], explanation.files[most_files:]
    lines = [f"{_visible(explanation.title)}: {_counts(explanation)}"]
    for one in first:
        lines += [f"  {_file(one, _visible)}", *(f"    {line}" for line in _places(one, _visible))]
    lines += [f"  {_rest(rest)}"] if rest else []
    lines += [f"  {line}" for line in _other_changes(explanation, _visible)]
    lines += [f"  {link.label}: {_visible(link.url)}" for link in explanation.links]
    return "\n".join(lines)


def markdown(explanation: Explanation, most_files: int = MOST_FILES) -> str:
    """Return the same as a paragraph and lists of Markdown, without a line break at the end."""
    first, rest = explanation.files[:most_files], explanation.files[most_files:]
    lines = [f"{_code(explanation.title)}: {_counts(explanation)}.", ""]
    for one in first:
        lines += [f"- {_file(one, _code)}", *(f"  - {line}" for line in _places(one, _code))]
    lines += [f"- {_rest(rest)}"] if rest else []
    lines += [f"- {line}" for line in _other_changes(explanation, _code)]
    lines += [f"- {link.label}: <{link.url}>" for link in explanation.links]
    return "\n".join(lines).rstrip()


def _counts(explanation: Explanation) -> str:
    difference = explanation.difference
    counted = ((len(difference.paths(change)), change) for change in (Change.CHANGED, Change.ADDED, Change.REMOVED))
    parts = [f"{_number(count, 'file')} {change}" for count, change in counted if count]
    return ", ".join(parts) or "no file differs but in comments, docstrings and layout"


def _file(one: Ranked, quote: Quote) -> str:
    head, reason = f"{quote(one.file.path)}: {one.file.change}", one.reason(quote)
    return f"{head}; {reason}" if reason else head


def _places(one: Ranked, quote: Quote) -> Iterator[str]:
    """Yield what changed in a file, a line for each kind of change; nothing of one that came or went as a whole."""
    if one.file.change is not Change.CHANGED:
        return
    if not one.file.places:
        yield f"lines that differ: {one.file.size}" if one.file.size else "no text, or too large to look into"
    kinds = list(Change)
    by_change = sorted(one.file.places, key=lambda place: kinds.index(place.change))
    for change, places in groupby(by_change, key=lambda place: place.change):
        yield f"{change}: {_named(places, quote)}"


def _named(places: Iterable[Place], quote: Quote) -> str:
    listed = list(places)
    names = ", ".join(f"{quote(place.name)}" for place in listed[:MOST_PLACES])
    return f"{names} and {len(listed) - MOST_PLACES} more" if len(listed) > MOST_PLACES else names


def _rest(rest: tuple[Ranked, ...]) -> str:
    lines = sum(one.file.size for one in rest)
    return f"{_number(len(rest), 'more file')}, lines that differ: {lines}"


def _other_changes(explanation: Explanation, quote: Quote) -> Iterator[str]:
    needed = [change for change in explanation.difference.dependencies if not change.is_optional]
    optional = [change for change in explanation.difference.dependencies if change.is_optional]
    yield from (_dependency(change, quote) for change in needed)
    if optional:
        yield f"dependencies of extras changed: {', '.join(quote(change.name) for change in optional)}"
    yield from (_field(field, quote) for field in explanation.difference.fields if field.name != "version")


def _dependency(change: DependencyChange, quote: Quote) -> str:
    old, new = (", ".join(map(quote, side)) for side in (change.old, change.new))
    if not old:
        return f"dependency added: {new}"
    return f"dependency changed: {old} -> {new}" if new else f"dependency removed: {old}"


def _field(field: FieldChange, quote: Quote) -> str:
    old, new = (quote(side) if side else "none" for side in (field.old, field.new))
    return f"{field.name}: {old} -> {new}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _visible(text: str) -> str:
    """Return one line that cannot steer a terminal."""
    line = "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 3]}..."


def _code(text: str) -> str:
    line = _visible(text)
    ticks = "`" * (max(map(len, re.findall(r"`+", line)), default=0) + 1)
    space = " " if "`" in line else ""
    return f"{ticks}{space}{line}{space}{ticks}"
