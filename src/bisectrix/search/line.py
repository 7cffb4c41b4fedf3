"""One side of a known bad value: the values that can be tested, ordered from good to bad, with the prior of the edge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

UNBOUNDED: Final = 0.02
"""Prior that a checked good end is bad after all, and that a declared bad end is good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Positions from 0, the good end, to the known bad value; an edge `c` is the first bad position.

    Edge 0 means bad all along, edge `len(values)` good all along.

    Attributes:
        values: index on the axis of each position.
        prior: of the edges from 0 to `len(values)`, all together 1.
        below: `below[c]` is the prior of all edges less than c; one longer than `prior`.
        bad_elsewhere: bad and good runs of values that are not on the line and lie on the bad side of any edge.
    """

    values: tuple[int, ...]
    prior: tuple[float, ...]
    below: tuple[float, ...]
    bad_elsewhere: tuple[int, int] = (0, 0)

    def mass(self, low: int, high: int) -> float:
        """Return the prior of the edges from `low` to `high`, both included."""
        return self.below[high + 1] - self.below[low]


def make_line(span: Sequence[int], weights: Sequence[float], untestable: Collection[int], *, unbounded: float) -> Line:
    """Return the line over the testable values of `span`.

    An edge at an untestable value cannot be told from one at the next value that can be tested: they are one class,
    and the class carries the prior of all its members.

    Args:
        span: indices on the axis, good end first.
        untestable: values of the span to leave out.
        weights: relative prior that the edge is at each position but the first.
        unbounded: prior that there is no good value in the span.
    """
    inner = (1 - unbounded - UNBOUNDED) / (sum(weights) or 1)
    each = [unbounded, *(weight * inner for weight in weights), UNBOUNDED]
    values, prior, carried = [], [], 0.0
    for value, weight in zip(span, each, strict=False):
        carried += weight
        if value not in untestable:
            values.append(value)
            prior.append(carried)
            carried = 0.0
    prior.append(carried + each[-1])
    total = sum(prior)
    prior = [weight / total for weight in prior]
    return Line(values=tuple(values), prior=tuple(prior), below=(0.0, *accumulate(prior)))
