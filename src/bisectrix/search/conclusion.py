"""From what the sides found to one answer."""

from __future__ import annotations

from itertools import groupby

from bisectrix.search.answers import (
    Answer,
    BadEverywhere,
    Boundary,
    Found,
    GoodEverywhere,
    NoChange,
    NonMonotone,
    Regime,
    Unbounded,
    Undecided,
)
from bisectrix.search.hunt import to_hunt
from bisectrix.search.outlook import Outlook
from bisectrix.search.question import Anywhere
from bisectrix.search.side import Finding, NeverBad, Unchanging


def conclude(outlook: Outlook) -> Answer | None:
    """Return the answer that the observations allow, None while there is something to probe and a budget for it."""
    if isinstance(outlook.question.task, Anywhere) and outlook.known_bad is None:
        return _after_hunting(outlook, outlook.question.task.start)
    if not all(side.line.values for side in outlook.sides):
        return Undecided(reason="no value could be tested")
    if any(side.belief is None and not side.is_last_look for side in outlook.sides):
        return Undecided(reason="one value was seen good and bad, so the bug is not deterministic")
    found = [side.finding() for side in outlook.sides]
    findings = [finding for finding in found if finding is not None]
    return _from_findings(outlook, findings) if len(findings) == len(found) else _out_of_budget(outlook)


def _after_hunting(outlook: Outlook, start: int) -> Answer | None:
    if to_hunt(start, outlook.question.size, outlook.state, outlook.terms, ()):
        return _out_of_budget(outlook)
    return _good_everywhere(outlook) if _tested(outlook) else Undecided(reason="no value could be tested")


def _from_findings(outlook: Outlook, findings: list[Finding]) -> Answer:
    boundaries = [finding for finding in findings if isinstance(finding, Boundary)]
    unbounded = tuple(finding for finding in findings if isinstance(finding, Unbounded))
    ordered = tuple(sorted(boundaries, key=lambda boundary: boundary.last_good + boundary.first_bad))
    if outlook.has_further_changes:
        return NonMonotone(boundaries=ordered, unbounded=unbounded, regimes=_regimes(outlook))
    if boundaries:
        return Found(boundaries=ordered, unbounded=unbounded)
    if any(isinstance(finding, NeverBad) for finding in findings):
        return _good_everywhere(outlook)
    return _without_change(outlook, findings)


def _without_change(outlook: Outlook, findings: list[Finding]) -> Answer:
    """Return the answer where all values behave alike; without signatures a mixed rate may not be the bug's."""
    tallies = outlook.state.tallies.values()
    bad, good = sum(tally.bad for tally in tallies), sum(tally.good for tally in tallies)
    rate = bad / (bad + good)
    changeless = any(isinstance(finding, Unchanging) for finding in findings) or not outlook.terms.matched
    answer = NoChange if changeless and good else BadEverywhere
    return answer(tested=_tested(outlook), rate=rate)


def _good_everywhere(outlook: Outlook) -> GoodEverywhere:
    tested = _tested(outlook)
    most = max(outlook.state.tally(value).good for value in tested)
    return GoodEverywhere(tested=tested, rarest=1 - (1 - outlook.terms.confidence) ** (1 / most))


def _out_of_budget(outlook: Outlook) -> Undecided | None:
    """Return what is known when the budget is spent, None while it is not."""
    terms, state = outlook.terms, outlook.state
    if state.runs < terms.max_runs and state.spent_s < terms.max_s:
        return None
    spent = f"{state.runs} runs" if state.runs >= terms.max_runs else f"{state.spent_s:.0f} s"
    found = [(side, side.finding()) for side in outlook.sides]
    return Undecided(
        reason=f"the budget is spent: {spent}",
        settled=tuple(finding for _, finding in found if isinstance(finding, Boundary)),
        credible=tuple(side.credible() for side, finding in found if finding is None),
    )


def _tested(outlook: Outlook) -> tuple[int, ...]:
    return tuple(sorted(value for value, tally in outlook.state.tallies.items() if tally.evidence))


def _regimes(outlook: Outlook) -> tuple[Regime, ...]:
    tested = _tested(outlook)
    verdicts = {value: outlook.state.tally(value).bad > 0 for value in tested}
    for side in outlook.sides:
        verdicts.update(side.verdicts())
    return tuple(
        Regime(bad=bad, first=members[0], last=members[-1])
        for bad, members in ((bad, list(group)) for bad, group in groupby(tested, key=verdicts.__getitem__))
    )
