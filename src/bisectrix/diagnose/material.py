"""What is diagnosed: lines, the exceptions and stacks among them, and how an attempt ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bisectrix.model.attempt import Attempt, Blocked, Ending, Exited, Frame, Limited, Overran, Signalled
from bisectrix.model.frames import shorten
from bisectrix.model.words import EvidenceKind, TestOutcome

_FRAMES = (
    re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+),? in (?P<function>\S.*)'),
    re.compile(r"\s+(?P<file>[^\s:()]+\.pyx?):(?P<line>\d+)\s+(?P<function>[\w.<>]+)"),
    re.compile(r"\s+(?P<function>[\w.<>]+) \((?P<file>[^\s:()]+\.pyx?):(?P<line>\d+)\)"),
    re.compile(r"(?P<file>[^\s:()]+\.pyx?):(?P<line>\d+): in (?P<function>[\w.<>]+)"),
)
"""As tracebacks and faulthandler, this program, py-spy and pytest write a frame."""

_INNERMOST_FIRST = re.compile(r"most recent call first|^Thread 0x|^Thread \d+ \(")
_MARGIN = re.compile(r"(?:E {2,}|[\s|+]*\| ?)")
"""Of pytest and of exception groups."""

_EXCEPTION = re.compile(r"(?:.*? - )?(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?:: ?(?P<message>.*))?")
_CLASS = re.compile(r".*(?:Error|Exception|Timeout|Warning|Exists|Failed)")

_PASSED = {TestOutcome.PASS, TestOutcome.SKIP, TestOutcome.XFAIL}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line and where it stands, `ci.log:12`."""

    place: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """One exception as it was printed: its class without the module, the first line of its message."""

    type: str
    message: str
    line: Line


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """Frames `file.py:function`, outermost first, each with the line that shows it."""

    frames: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """One thing to diagnose: a log, a failed test of a JUnit file, an attempt.

    Attributes:
        name: of the file, the test or the attempt.
        state: how an attempt ended, `crash SIGKILL`; empty for texts.
    """

    name: str
    lines: tuple[Line, ...]
    errors: tuple[Raised, ...] = ()
    stacks: tuple[Stack, ...] = ()
    state: str = ""


def of_text(text: str, name: str) -> Material:
    """Read a log or a traceback."""
    return _of_lines(
        [Line(place=f"{name}:{number}", text=line) for number, line in enumerate(text.splitlines(), 1)], name
    )


def of_attempt(attempt: Attempt, name: str, output: Mapping[EvidenceKind, str]) -> Material:
    """Take what is recorded of an attempt.

    Args:
        attempt: the record.
        name: of the attempt.
        output: what it printed, as far as that is at hand; the record holds only its hash.
    """
    told = [line for text in _told(attempt) for line in text.splitlines()]
    lines = [Line(place=name, text=line) for line in told]
    for kind, text in output.items():
        lines += [Line(place=f"{name} {kind}:{n}", text=line) for n, line in enumerate(text.splitlines(), 1)]
    read = _of_lines(lines, name)
    chains = (attempt.chain, *(chain.frames for test in attempt.tests for chain in test.chains))
    return Material(
        name=name,
        lines=read.lines,
        errors=read.errors,
        stacks=(*read.stacks, *(_stack(frames, name) for frames in chains if frames)),
        state=f"{attempt.outcome} {_ending_words(attempt.ending)}",
    )


def _told(attempt: Attempt) -> Iterator[str]:
    yield attempt.summary
    if attempt.signature is not None:
        yield attempt.signature.head
    yield from (test.message for test in attempt.tests if test.message and test.outcome not in _PASSED)


def _ending_words(ending: Ending) -> str:
    match ending:
        case Exited(code=code):
            return f"exit code {code}"
        case Signalled(signal=signal):
            return signal
        case Blocked(grade=grade):
            return str(grade)
        case Overran(label=label):
            return str(label)
        case Limited(limit=limit):
            return str(limit)


def _stack(frames: Sequence[Frame], place: str) -> Stack:
    return Stack(
        frames=tuple(
            (f"{one.file}:{one.function}", Line(place=place, text=f"{one.file}:{one.line} {one.function}"))
            for one in frames
        )
    )


def _of_lines(lines: Sequence[Line], name: str) -> Material:
    reader = _Reader()
    for line in lines:
        reader.feed(line)
    reader.end_stack()
    return Material(name=name, lines=tuple(lines), errors=tuple(reader.errors), stacks=tuple(reader.stacks))


class _Reader:
    """Reads lines one by one and gathers the stacks and exceptions among them."""

    def __init__(self) -> None:
        self.errors: list[Raised] = []
        self.stacks: list[Stack] = []
        self._frames: list[tuple[str, Line]] = []
        self._innermost_first = False

    def feed(self, line: Line) -> None:
        """Take the next line."""
        margin = _MARGIN.match(line.text)
        text = line.text[margin.end() :] if margin else line.text
        if found := next((match for form in _FRAMES if (match := form.fullmatch(text))), None):
            self._frames.append((f"{shorten(found['file'])}:{found['function'].strip()}", line))
        elif not text or not text[0].isspace():
            inside = bool(self._frames)
            self.end_stack()
            self._innermost_first = bool(_INNERMOST_FIRST.search(text))
            self._raised(text, line, after_stack=inside)

    def end_stack(self) -> None:
        """Keep the frames gathered so far as one stack."""
        if self._frames:
            frames = reversed(self._frames) if self._innermost_first else self._frames
            self.stacks.append(Stack(frames=tuple(frames)))
        self._frames = []

    def _raised(self, text: str, line: Line, *, after_stack: bool) -> None:
        found = _EXCEPTION.fullmatch(text)
        if found and (after_stack or _CLASS.fullmatch(found["type"])):
            name = found["type"].rpartition(".")[2]
            self.errors.append(Raised(type=name, message=(found["message"] or "").strip(), line=line))
