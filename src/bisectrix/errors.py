"""Every error a user can see: where it is, what is wrong, what to do, and the exit code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the program's exit status means; documented in docs/exit-codes.md."""

    DONE = 0
    DIFFERS = 1
    USAGE = 2
    INFRA = 3
    NOTHING_SELECTED = 4
    NOT_HERE = 5
    INTERRUPTED = 130


class BisectrixError(Exception):
    """An error that ends the program with a message instead of a traceback.

    Args:
        message: what is wrong, one sentence.
        place: file, key path or cell it concerns; empty if it has none.
        hint: what the reader can do about it; empty if nothing.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INFRA

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        """Keep the three parts apart so that they can be rendered anywhere."""
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        """Return `place: message` and the hint on a line of its own."""
        head = f"{self.place}: {self.message}" if self.place else self.message
        return f"{head}\n  hint: {self.hint}" if self.hint else head


class UsageError(BisectrixError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = ExitCode.USAGE


class NothingSelectedError(BisectrixError):
    """The selection is well formed and matches no cell."""

    exit_code = ExitCode.NOTHING_SELECTED


class InfraError(BisectrixError):
    """Our side failed: no uv, index down, disk full. Never stored as a verdict."""


class TooSlowError(InfraError):
    """A program that helps us did not end within its deadline, and was ended."""


class RefusedError(InfraError):
    """A repro that nobody trusts was not started, because this machine does not bound what it may take."""


class StoreError(InfraError):
    """The results store cannot be opened, is newer than this program, or refused a write."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One thing that is wrong in a file a person wrote."""

    key_path: str
    found: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        """Return one line: key path, what was found, what was expected, and the hint."""
        found = f": found {self.found}" if self.found else ""
        line = f"{self.key_path}{found}, expected {self.expected}"
        return f"{line} ({self.hint})" if self.hint else line


class ManifestError(BisectrixError):
    """A manifest or matrix file has mistakes; all of them are in `mistakes`."""

    exit_code = ExitCode.USAGE

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        """Join the mistakes of one file into a single error."""
        count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "1 mistake"
        super().__init__("\n".join((count, *(f"  {mistake}" for mistake in mistakes))), place=file)
        self.mistakes = mistakes
