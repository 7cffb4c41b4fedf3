"""What the texts in a manifest must look like: each reader returns the text to keep or says what to write instead."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

CURRENT = "current"
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
MINOR = r"3\.(?:0|[1-9][0-9]?)"
INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
COORDINATE = r"[^\s,()]+"
ADDRESS = r"https?://\S+"


class UnfitTextError(ValueError):
    """The text is not what stands in this place; its message is the hint, empty if there is none."""


def nearest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a question that names the known word most like `word`, or `otherwise` if none is."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else otherwise


def read_pattern(pattern: str, hint: str, text: str) -> str:
    """Return `text` if all of it matches `pattern`."""
    if not re.fullmatch(pattern, text):
        raise UnfitTextError(hint)
    return text


def read_line(text: str) -> str:
    """Return `text` if it is one line with something on it."""
    if not text.strip() or len(text.splitlines()) > 1:
        raise UnfitTextError
    return text


def read_argument(text: str) -> str:
    """Return `text` if a process can be given it."""
    if "\0" in text:
        raise UnfitTextError("the NUL character ends an argument")
    return text


def read_inner_path(text: str) -> str:
    """Return `text` if it is a relative path, with forward slashes, that stays inside its folder."""
    if text.startswith(("/", "~")) or "\\" in text or ".." in text.split("/"):
        raise UnfitTextError("relative to the folder of repro.toml, with forward slashes and without ..")
    return read_argument(read_line(text))


def read_matrix_name(text: str) -> str:
    """Return `text` if it names a file in the folder of matrices."""
    hint = f"write {text.removesuffix('.toml')}" if text.endswith(".toml") else ""
    return read_pattern(r"[A-Za-z0-9_][A-Za-z0-9_-]*", hint, text)


def read_minor(text: str) -> str:
    """Return `text` if it is a minor version of Python 3."""
    longer = re.match(rf"({MINOR})\.", text)
    hint = f'write "{longer[1]}": the patch version is found and recorded, not chosen' if longer else ""
    return read_pattern(MINOR, hint, text)


def read_version(text: str) -> str:
    """Return the version in its normal form (PEP 440)."""
    try:
        return str(Version(text))
    except InvalidVersion:
        hint = "a range stands alone, without the list" if _is_specifier(text) else ""
        raise UnfitTextError(hint) from None


def read_specifier(text: str) -> str:
    """Return `text` if it is a set of version specifiers (PEP 440) with at least one of them."""
    return _read_range(text, alone='"=={}"')


def read_axis_range(text: str) -> str:
    """Return `text` if it is a set of version specifiers, where a list of versions could stand as well."""
    return _read_range(text, alone='["{}"]')


def read_python_range(text: str) -> str:
    """Return `text` if it is `current` or a set of version specifiers, where a list could stand as well."""
    return text if text == CURRENT else _read_range(text, alone='["{}"]', known=(CURRENT,))


def _read_range(text: str, *, alone: str, known: tuple[str, ...] = ()) -> str:
    if _is_specifier(text):
        return text
    if _is_version(text):
        raise UnfitTextError(f'write {alone.format(text)} for it alone or ">={text}" for it and all newer ones')
    raise UnfitTextError(nearest(text, known))


def _is_specifier(text: str) -> bool:
    try:
        return len(SpecifierSet(text)) > 0
    except InvalidSpecifier:
        return False


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def read_requirement(text: str) -> str:
    """Return `text` if it is a requirement (PEP 508)."""
    try:
        Requirement(text)
    except InvalidRequirement as error:
        raise UnfitTextError(str(error).splitlines()[0]) from None
    return text


def read_package(text: str) -> str:
    """Return the normal form of a package's name."""
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName:
        raise UnfitTextError from None


def read_regex(text: str) -> str:
    """Return `text` if it compiles as a regular expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnfitTextError(str(error)) from None
    return text


def read_instant(text: str) -> str:
    """Return `text` if it is an instant in UTC (RFC 3339)."""
    moment = _moment(text)
    if moment is None:
        raise UnfitTextError
    if not re.fullmatch(INSTANT, text):
        raise UnfitTextError(_instant_hint(text, moment))
    return text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _instant_hint(text: str, moment: datetime) -> str:
    try:
        instant = moment.astimezone(UTC) if moment.tzinfo else moment
    except OverflowError:
        return ""
    why = " for the start of that day in UTC" if _is_date(text) else " if UTC was meant" if not moment.tzinfo else ""
    return f'write "{instant.replace(microsecond=0, tzinfo=None).isoformat()}Z"{why}'


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def instant_of(value: object) -> object:
    """Turn a date or a time that TOML itself knows into text; leave anything else as it is."""
    if isinstance(value, datetime) and value.tzinfo and not value.utcoffset():
        return value.replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else value
