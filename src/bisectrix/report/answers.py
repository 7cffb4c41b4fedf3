"""The answer of a search in sentences that can be pasted into an issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bisectrix.search.answers import (
    Answer,
    BadEverywhere,
    Boundary,
    Credible,
    Found,
    GoodEverywhere,
    NoChange,
    NonMonotone,
    Unbounded,
    Undecided,
)
from bisectrix.search.question import Direction


class Sentences:
    """Words for the answers over one axis."""

    def __init__(self, axis: str, values: Sequence[str]) -> None:
        """Name values of `axis`, oldest first."""
        self._axis = axis
        self._values = values

    def of(self, answer: Answer) -> tuple[str, ...]:
        """Return the answer, most important sentence first."""
        return tuple(self._sentences(answer))

    def specifier(self, answer: Answer) -> str:
        """Return the range of values that show the bug, `>=8.0.0,<8.2.0`; empty where none was found.

        Values that could not be tested are not in it.
        """
        if not isinstance(answer, Found):
            return ""
        parts = []
        for boundary in answer.boundaries:
            if boundary.direction is Direction.INTRODUCED:
                parts.append(f">={self._values[boundary.first_bad]}")
            elif boundary.untested:
                parts.append(f"<={self._values[boundary.first_bad]}")
            else:
                parts.append(f"<{self._values[boundary.last_good]}")
        return ",".join(parts)

    def _sentences(self, answer: Answer) -> Iterator[str]:
        match answer:
            case Found(boundaries=boundaries, unbounded=unbounded):
                yield from self._found(boundaries, unbounded)
            case NonMonotone(boundaries=boundaries, unbounded=unbounded, regimes=regimes):
                yield from self._found(boundaries, unbounded)
                told = ", ".join(
                    f"{'bad' if regime.bad else 'good'} from {self._value(regime.first)} to {self._value(regime.last)}"
                    for regime in regimes
                )
                yield f"There are more changes than these: of what was run, {told}."
            case GoodEverywhere(tested=tested, rarest=rarest):
                yield (
                    f"Good everywhere: {self._tested(tested)}; a bug that shows in at least {rarest:.0%} of the runs "
                    "would have been seen in the one that was run most."
                )
            case BadEverywhere(tested=tested):
                yield f"Bad everywhere: {self._tested(tested)}."
            case NoChange(tested=tested, rate=rate):
                yield (
                    f"No change: it shows in {rate:.0%} of the runs at both ends ({self._tested(tested)}), so "
                    f"{self._axis} does not decide it."
                )
            case Undecided(reason=reason, settled=settled, credible=credible):
                yield from self._found(settled, ())
                yield f"Undecided: {reason}."
                yield from map(self._credible, credible)

    def _found(self, boundaries: Sequence[Boundary], unbounded: Sequence[Unbounded]) -> Iterator[str]:
        for boundary in boundaries:
            yield self._boundary(boundary)
        for side in unbounded:
            which = "oldest" if side.direction is Direction.INTRODUCED else "newest"
            word = "introduced" if side.direction is Direction.INTRODUCED else "fixed"
            yield f"Not {word} within what could be tested: the {which} of it, {self._value(side.end)}, is bad, too."

    def _boundary(self, boundary: Boundary) -> str:
        good, bad = self._value(boundary.last_good), self._value(boundary.first_bad)
        sure = f" ({_percent(boundary.confidence)} sure; shows in {boundary.rate:.0%} of the runs)"
        untested = ", ".join(self._values[value] for value in boundary.untested)
        if boundary.direction is Direction.INTRODUCED:
            if untested:
                return f"Introduced after {good}, in {bad} at the latest: {untested} could not be tested{sure}."
            return f"Introduced in {bad} (last good {good}){sure}."
        if untested:
            return f"Fixed after {bad}, in {good} at the latest: {untested} could not be tested{sure}."
        return f"Fixed in {good} (last bad {bad}){sure}."

    def _credible(self, credible: Credible) -> str:
        values = ", ".join(self._values[value] for value in credible.values)
        verb = "Introduced" if credible.direction is Direction.INTRODUCED else "Fixed"
        among = "one of " if len(credible.values) > 1 else ""
        return f"{verb} in {among}{values}, with a probability of {_percent(credible.probability)}."

    def _tested(self, tested: Sequence[int]) -> str:
        if not tested:
            return "nothing could be tested"
        ends = f"{self._values[tested[0]]} to {self._values[tested[-1]]}"
        return f"{len(tested)} values of {self._axis} were tested, from {ends}"

    def _value(self, index: int) -> str:
        return f"{self._axis} {self._values[index]}"


def _percent(share: float) -> str:
    return f"{min(share, 0.999):.1%}" if share > 0.99 else f"{share:.0%}"  # noqa: PLR2004  (100 % is never true)
