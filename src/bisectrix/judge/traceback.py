"""Tracebacks as they stand in a program's output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bisectrix.model.attempt import Frame
from bisectrix.model.frames import shorten

HEADER = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):")
FRAME = re.compile(r'\s+File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?')
EXCEPTION = re.compile(r"(?P<type>[^\W\d][\w.<>]*)(?:: ?(?P<message>.*))?")
BAR = re.compile(r" *(?:\| ?|\+ (?=Exception Group))")
RULE = re.compile(r" *\+(?:-\+)?-{3,}(?: (?P<number>\d+|\.\.\.) -{3,})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Traceback:
    """One exception as it was printed.

    Attributes:
        type: as printed, `httpx.PoolTimeout`.
        message: its first line.
        frames: outermost first, files shortened; empty for one that was printed without.
        member: where it stands in exception groups, numbers from 1, outermost group first; empty outside of any.
    """

    type: str
    message: str
    frames: tuple[Frame, ...]
    member: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """`httpx.PoolTimeout: message`."""
        return f"{self.type}: {self.message}" if self.message else self.type

    @property
    def class_name(self) -> str:
        """`PoolTimeout`: modules of exceptions move between versions."""
        return self.type.rpartition(".")[2]


def tracebacks(text: str) -> tuple[Traceback, ...]:
    """Return all tracebacks in `text` in the order in which they end, members of groups among them.

    Understands chained exceptions, groups, syntax errors, and a traceback whose head was cut off.
    """
    reader = _Reader()
    return tuple(found for line in text.splitlines() if (found := reader.feed(line)))


def last_traceback(text: str) -> Traceback | None:
    """Return the exception that tells why the program failed; None when there is none.

    That is the last one printed, so of a chain the one that was not caught; of a group its first member.
    """
    found = tracebacks(text)
    outermost = [index for index, one in enumerate(found) if not one.member]
    if not outermost:
        return found[-1] if found else None
    return _first_member(found[outermost[-1] :])


def _first_member(found: Sequence[Traceback]) -> Traceback:
    """Return the innermost first member of the group that `found` begins with, itself when it is no group."""
    wanted = (*found[0].member, "1")
    members = [index for index, one in enumerate(found) if one.member == wanted]
    return _first_member(found[members[-1] :]) if members else found[0]


class _Reader:
    """Reads a text line by line and remembers what of a traceback it has seen."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._inside = False
        self._member: tuple[str, ...] = ()

    def feed(self, line: str) -> Traceback | None:
        """Take one line; return the traceback that ends with it, if one does."""
        if rule := RULE.fullmatch(line):
            self._enter(line, rule["number"])
            return None
        bar = BAR.match(line)
        line = line[bar.end() :] if bar else line
        if not bar:
            self._member = ()
        if HEADER.fullmatch(line):
            self._frames, self._inside = [], True
        elif frame := FRAME.fullmatch(line):
            self._frames.append(_frame(frame))
            self._inside = True
        elif line and not line[0].isspace():
            return self._end(line)
        return None

    def _enter(self, line: str, number: str | None) -> None:
        """Go into a group's next member, or out of the group; a member may have no traceback, only its last line."""
        is_first = "+-+" in line
        outer = self._member if is_first else self._member[:-1]
        self._member = (*outer, number) if number else outer
        self._frames, self._inside = [], number is not None

    def _end(self, line: str) -> Traceback | None:
        frames, inside = tuple(self._frames), self._inside
        self._frames, self._inside = [], False
        exception = EXCEPTION.fullmatch(line) if inside else None
        if exception is None:
            return None
        message = (exception["message"] or "").strip()
        return Traceback(type=exception["type"], message=message, frames=frames, member=self._member)


def _frame(found: re.Match[str]) -> Frame:
    return Frame(file=shorten(found["file"]), function=found["function"] or "", line=int(found["line"]))
