"""Markdown that means what it says: text from elsewhere never becomes markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import jinja2

_MARKUP = re.compile(r"[\\`*\[\]|~$#]|(?<!\w)_|_(?!\w)")
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
_BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")
"""One that would end a cell of a table, even in code."""
_BACKTICKS = re.compile(r"`+")


class Markdown(str):
    """Text that is Markdown already; any other text is escaped where a template shows it."""

    __slots__ = ()


def plain(text: str) -> Markdown:
    """Return `text` on one line, so that it is read as it is written."""
    escaped = _MARKUP.sub(r"\\\g<0>", _one_line(text))
    return Markdown(escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def code(text: str) -> Markdown:
    """Return `text` on one line as code."""
    line = _one_line(text)
    if not line:
        return Markdown("")
    ticks = "`" * (_longest_run_of_backticks(line) + 1)
    space = " " if "`" in line or line != line.strip() else ""
    return Markdown(f"{ticks}{space}{line}{space}{ticks}")


def block(lines: Iterable[str], language: str = "text") -> Markdown:
    """Return lines as a block of code."""
    shown = [_visible(line) for line in lines]
    ticks = "`" * max(3, *(_longest_run_of_backticks(line) + 1 for line in shown), 3)
    return Markdown("\n".join((f"{ticks}{language}", *shown, ticks)))


def link(words: str, target: str) -> Markdown:
    """Return a link; a target that is no web address or file name beside the page is shown as text."""
    if not re.fullmatch(r"https?://[^\s<>()\\|]+|[\w.-]+\.md", target):
        return plain(words) if words == target else Markdown(f"{plain(words)} ({code(target)})")
    return Markdown(f"[{plain(words)}]({target})")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Markdown:
    """Return a table; cells that are not Markdown yet are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return Markdown("\n".join(f"| {' | '.join(map(_in_table, line))} |" for line in lines))


def enumeration(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def listed(items: Iterable[str]) -> Markdown:
    """`a, b and c`, as Markdown."""
    return Markdown(enumeration([shown(item) for item in items]))


def sentence(*parts: str) -> Markdown:
    """Join clauses with spaces, the empty ones left out, and end with a full stop."""
    return Markdown(f"{' '.join(filter(None, map(shown, parts)))}.")


def shown(value: object) -> Markdown:
    """Return anything as Markdown, escaped unless it is that already."""
    return value if isinstance(value, Markdown) else plain(str(value))


def template(name: str) -> jinja2.Template:
    """Return a template of this package; what it shows is escaped unless it is Markdown."""
    environment = jinja2.Environment(  # noqa: S701  escaping for Markdown is `finalize`, for HTML would be wrong
        loader=jinja2.PackageLoader("bisectrix.report"),
        finalize=shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _in_table(cell: str) -> str:
    return _BAR.sub(r"\1\\|", shown(cell))


def _one_line(text: str) -> str:
    return _visible(" ".join(text.split()))


def _visible(text: str) -> str:
    """Show what has no shape of its own, such as escape sequences and reversed writing, as an escape."""
    return "".join(_escaped(character) if _is_invisible(character) else character for character in text)


def _is_invisible(character: str) -> bool:
    return (
        (not character.isascii() and unicodedata.category(character) in _INVISIBLE)
        or character < " "
        or character == "\x7f"
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _longest_run_of_backticks(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
