"""All attempts of a cell together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bisectrix.judge.rate import wilson
from bisectrix.model.attempt import Attempt
from bisectrix.model.result import Decided, Judgement, Skipped
from bisectrix.model.words import Outcome, SkipReason, Verdict


def judge_cell(attempts: Sequence[Attempt]) -> Judgement:
    """Decide a cell from its attempts.

    One attempt that showed the bug makes it bad, flaky if others were good. Without such a one it is good, unless
    more attempts were no evidence than were good: what mostly fails otherwise is nobody's proof that all is well.
    The rate is that of bad among good and bad; attempts that were no evidence are not counted in it.
    """
    counted = Counter(attempt.verdict for attempt in attempts)
    bad, good, skipped = counted[Verdict.BAD], counted[Verdict.GOOD], counted[Verdict.SKIP]
    if not bad and (not good or skipped > good):
        return _undecided(attempts, good)
    verdict = Verdict.BAD if bad else Verdict.GOOD
    return Decided(verdict=verdict, rate=wilson(bad, bad + good), flaky=bool(bad and good))


def _undecided(attempts: Sequence[Attempt], good: int) -> Skipped:
    skipped = [attempt for attempt in attempts if attempt.verdict is Verdict.SKIP]
    if not skipped:
        return Skipped(reason=SkipReason.UNDECIDED, explanation="no attempt was made")
    usual = _usual_summary(skipped)
    if good:
        told = f"only {good} of {len(attempts)} attempts passed, the others were no evidence: {usual}"
        return Skipped(reason=SkipReason.UNDECIDED, explanation=told)
    all_timeouts = all(attempt.outcome is Outcome.TIMEOUT for attempt in skipped)
    return Skipped(reason=SkipReason.TIMEOUT if all_timeouts else SkipReason.OTHER_FAILURE, explanation=usual)


def _usual_summary(attempts: Sequence[Attempt]) -> str:
    """Return the summary of the first attempt with the most common signature."""
    signatures = [attempt.signature or attempt.summary for attempt in attempts]
    usual = Counter(signatures).most_common(1)[0][0]
    return attempts[signatures.index(usual)].summary
