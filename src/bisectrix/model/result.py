"""What it means: verdicts, rates and what is recorded of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from bisectrix.model.attempt import Attempt
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.recipe import Recipe
from bisectrix.model.words import SkipReason, Verdict

IN_IMAGE = re.compile(r"\S+ in (?P<reference>.+) \([0-9a-f]{12}\)")
"""What stands for the platform of a cell in an image: `linux-x86_64 in python:3.12-slim (1f2e3d4c5b6a)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """Share of bad attempts with its interval.

    Attributes:
        low, high: bounds of the Wilson interval, shares from 0 to 1.
        confidence: of the interval, .95.
    """

    bad: int
    attempts: int
    low: float
    high: float
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """Good or bad, with the counts that say so; `flaky` when both were seen."""

    verdict: Verdict
    rate: Rate
    flaky: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """No evidence for or against the declared bug."""

    reason: SkipReason
    explanation: str


Judgement: TypeAlias = Decided | Skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """A cell that was run.

    Attributes:
        key: digest of all that decides the outcome: repro, lock, Python, platform, arguments, variables.
        packages: name and version of everything in the lock, sorted by name.
        python: full version.
        attempts: by number.
        recipe: what else it takes to run it again; None in records older than that.
    """

    key: str
    lock_sha256: str
    packages: tuple[tuple[str, str], ...]
    python: str
    platform: str
    attempts: tuple[Attempt, ...]
    recipe: Recipe | None = None

    @property
    def system(self) -> str:
        """`linux-x86_64`, whether in an image or not."""
        return self.platform.split()[0]

    @property
    def image_reference(self) -> str:
        """What a person called the image; empty on the host."""
        found = IN_IMAGE.fullmatch(self.platform)
        return found["reference"] if found else ""

    @property
    def image_id(self) -> str:
        """Digest of the image; empty on the host."""
        return next((attempt.machine.image for attempt in self.attempts if attempt.machine), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class CellResult:
    """What is known of one cell.

    Attributes:
        matrix: name of the matrix that asked for it.
        repro_sha256: of the program and what its manifest decides about a run.
        finished_at: UTC, RFC 3339.
    """

    cell: Cell
    matrix: str
    repro_sha256: str
    state: Ran | Unavailable
    judgement: Judgement
    finished_at: str
