"""The kinds of value that the keys of a manifest take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias

from packaging.version import Version
from pydantic import Discriminator, Field, Tag

from bisectrix.manifest.expect import Distinct, Expect, one_of
from bisectrix.manifest.mistakes import LIST, TEXT
from bisectrix.manifest.texts import (
    ADDRESS,
    COORDINATE,
    INSTANT,
    MINOR,
    NAME,
    VARIABLE,
    instant_of,
    read_argument,
    read_axis_range,
    read_inner_path,
    read_instant,
    read_line,
    read_matrix_name,
    read_minor,
    read_package,
    read_pattern,
    read_python_range,
    read_regex,
    read_requirement,
    read_specifier,
    read_version,
)
from bisectrix.model.words import BugKind, MatrixSet, Network, OverrunLabel, Resolution

MOST_SECONDS = 366 * 24 * 3600
MOST = 2**30


def _quote(value: object) -> str:
    match value:
        case bool() | int():
            return "put it in quotes"
        case float():
            return "put it in quotes: without them 3.10 is the number 3.1"
        case _:
            return ""


def _list_or_text(value: object) -> str:
    return LIST if isinstance(value, list) else TEXT


def _shaped(pattern: str) -> Any:  # noqa: ANN401 - what Field returns has no public name
    """Tell editors the pattern; the message comes from what reads the text."""
    return Field(json_schema_extra={"pattern": f"^(?:{pattern})$"})


def _matching(pattern: str, words: str, hint: str = "") -> Expect:
    return Expect(words=words, read=lambda text: read_pattern(pattern, hint, text), remedy=_quote)


Line: TypeAlias = Annotated[str, Field(min_length=1), Expect(words="one line of text", read=read_line)]
Argument: TypeAlias = Annotated[str, Expect(words="a text in quotes", read=read_argument, remedy=_quote)]
Address: TypeAlias = Annotated[
    str, _shaped(ADDRESS), _matching(ADDRESS, "an address that starts with https:// or http://")
]
Label: TypeAlias = Annotated[str, _shaped(NAME), _matching(NAME, "a word of letters, digits and - _ .")]
InnerPath: TypeAlias = Annotated[str, Expect(words="the path of a test file inside the folder", read=read_inner_path)]
MatrixName: TypeAlias = Annotated[
    str, Expect(words="the name of a file in matrices/ without .toml", read=read_matrix_name)
]
Regex: TypeAlias = Annotated[str, Field(min_length=1), Expect(words="a regular expression of Python", read=read_regex)]
VariableName: TypeAlias = Annotated[
    str, _shaped(VARIABLE), _matching(VARIABLE, "the name of an environment variable: letters, digits and _")
]

Seconds: TypeAlias = Annotated[
    float, Field(gt=0, le=MOST_SECONDS, allow_inf_nan=False), Expect(words="a positive number of seconds")
]
Mebibytes: TypeAlias = Annotated[int, Field(gt=0, le=MOST), Expect(words="a positive whole number of MiB")]
Count: TypeAlias = Annotated[int, Field(gt=0, le=MOST), Expect(words="a positive whole number")]
Switch: TypeAlias = Annotated[bool, Expect(words="true or false")]
ExitStatus: TypeAlias = Annotated[int, Field(ge=1, le=255), Expect(words="an exit code from 1 to 255")]

Kind: TypeAlias = Annotated[BugKind, Field(strict=False), one_of(BugKind)]
Overrun: TypeAlias = Annotated[OverrunLabel, Field(strict=False), one_of(OverrunLabel)]
Reach: TypeAlias = Annotated[Network, Field(strict=False), one_of(Network)]
Set: TypeAlias = Annotated[MatrixSet, Field(strict=False), one_of(MatrixSet)]
Strategy: TypeAlias = Annotated[Resolution, Field(strict=False), one_of(Resolution)]

Requirement: TypeAlias = Annotated[
    str, Field(min_length=1), Expect(words='a requirement such as "httpx>=0.27"', read=read_requirement)
]
PackageName: TypeAlias = Annotated[str, _shaped(NAME), Expect(words="the name of a package", read=read_package)]
Range: TypeAlias = Annotated[str, Field(min_length=1), Expect(words='a range such as ">=3.10"', read=read_specifier)]
Instant: TypeAlias = Annotated[
    str,
    _shaped(INSTANT),
    Expect(words='an instant in UTC such as "2026-11-01T00:00:00Z"', read=read_instant, prepare=instant_of),
]
Minor: TypeAlias = Annotated[
    str,
    _shaped(MINOR),
    Expect(words='a minor version of Python in quotes, such as "3.12"', read=read_minor, remedy=_quote),
]
Release: TypeAlias = Annotated[
    str,
    Field(min_length=1),
    Expect(words='a version in quotes, such as "8.1.0"', read=read_version, remedy=_quote),
]
Coordinate: TypeAlias = Annotated[
    str,
    _shaped(COORDINATE),
    _matching(
        COORDINATE, "a text without spaces, commas and parentheses", "a variant axis can set a variable to anything"
    ),
]

PythonValues: TypeAlias = Annotated[
    Annotated[list[Minor], Field(min_length=1), Distinct(), Tag(LIST)]
    | Annotated[
        str,
        Field(min_length=1),
        Expect(words='a list of minor versions, a range such as ">=3.10", or "current"', read=read_python_range),
        Tag(TEXT),
    ],
    Discriminator(_list_or_text),
]
PackageValues: TypeAlias = Annotated[
    Annotated[list[Release], Field(min_length=1), Distinct(key=Version), Tag(LIST)]
    | Annotated[
        str,
        Field(min_length=1),
        Expect(words='a list of versions, or a range such as ">=8"', read=read_axis_range),
        Tag(TEXT),
    ],
    Discriminator(_list_or_text),
]
Strategies: TypeAlias = Annotated[list[Strategy], Field(min_length=1), Distinct()]
Instants: TypeAlias = Annotated[list[Instant], Field(min_length=1), Distinct(key=datetime.fromisoformat)]
Texts: TypeAlias = Annotated[list[Coordinate], Field(min_length=1), Distinct()]
Text: TypeAlias = Annotated[str, Field(min_length=1), Expect(words="a text in quotes", remedy=_quote)]
