"""What one attempt came to."""

from __future__ import annotations

from dataclasses import dataclass

from bisectrix.model.attempt import Frame, Signature
from bisectrix.model.words import Outcome, Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """An execution, judged.

    Attributes:
        verdict: against the declared bug.
        summary: one line for a person.
        signature: None when there is no failure to recognise.
        chain: the frames that tell most about where it waits or failed, outermost first.
        printed: the last line on standard output; empty for a suite, where pytest has the last word.
    """

    outcome: Outcome
    verdict: Verdict
    summary: str
    signature: Signature | None
    chain: tuple[Frame, ...]
    printed: str = ""
