"""A rule of diagnosis: what something is known by, what it means, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Weight(StrEnum):
    """What a match is worth."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class HasLine:
    """A line in which `pattern` is found."""

    pattern: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HasException:
    """An exception whose class name is all of `type` and in whose message `message` is found; empty: any."""

    type: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HasStack:
    """A stack or await chain with places `file.py:function` in which `frames` are found, in order, outermost first."""

    frames: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HasState:
    """An attempt that ended in a way in which `pattern` is found: `crash SIGKILL`, `crash memory`, `hang stalled`."""

    pattern: str


Condition: TypeAlias = HasLine | HasException | HasStack | HasState


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """All of the first, at least one of the second where there are any, none of the third."""

    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Differs:
    """How to tell it from something that looks like it."""

    look_alike: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What is known of one kind of failure.

    Attributes:
        causes: the likeliest first.
        confirm: commands that show whether it is this.
        versions: which releases are affected, in words; empty where it is not a matter of releases.
        instead_of: ids of rules that say less about the same lines, and are silent beside this one.
        page: where it is told at length, `docs/diagnosis.md#sqlite-locked`; empty for a rule of a project's own.
    """

    id: str
    title: str
    weight: Weight
    signature: Signature
    means: str
    differs: tuple[Differs, ...]
    causes: tuple[str, ...]
    confirm: tuple[str, ...]
    remedies: tuple[str, ...]
    links: tuple[str, ...] = ()
    versions: str = ""
    instead_of: tuple[str, ...] = ()
    page: str = ""
