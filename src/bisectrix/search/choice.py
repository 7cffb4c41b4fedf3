"""Which position to probe next: the greatest information for each second it costs.

With h the binary entropy, p_i the failure rate expected at position i, and c, q, f the edge and the rates of both sides,
a run tells `I(i) = h(p_i) - sum over c <= i and q of P_cq h(q) - sum over c > i and f of P_cf h(f)`. What of that it tells
of the rates counts half where the good side never fails: there the mean of `h(q)` and of the entropy of the mean rate at
`c` stands for `h(q)`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from bisectrix.search.belief import Belief, Counts, Dice, Segment, Truth, believe
from bisectrix.search.rates import entropy

NEGLIGIBLE: Final = 1e-6
"""Between two probed positions with less mass than this nothing is worth a probe."""

FAINT: Final = 0.05
"""A run that tells less than this share of the best one is not worth starting while others go on."""

DREAMS: Final = 12
"""Draws of the pending outcomes over which the information of the next probe is averaged."""

SPREAD: Final = 10.0
"""No run counts as cheaper than the dearest one by more: else a search repeats for ever what it knows and has at hand."""

LIKELY: Final = 0.9
"""An edge of this probability is put to the test; below it, what tells it from others is worth as much."""

Price: TypeAlias = Callable[[int, float], float]
"""Seconds that a run at a position is expected to cost, given how likely it shows the bug there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """What one run at a position is expected to tell, bits, and how likely it shows the bug."""

    bits: float
    bad: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Dream:
    """A possible truth, with outcomes drawn from it for the runs that have not ended yet.

    Mean rates in place of drawn outcomes would stall: workers would repeat one probe.
    """

    truth: Truth
    counts: Counts

    def with_run(self, position: int, dice: Dice) -> Dream:
        """Return the dream in which one more run has ended."""
        bad, good = self.counts.get(position, (0, 0))
        seen = (bad + 1, good) if self.truth.is_bad(position, dice) else (bad, good + 1)
        return Dream(truth=self.truth, counts={**self.counts, position: seen})


def most_telling(
    belief: Belief, counts: Counts, pending: Sequence[int], size: int, price: Price, dice: Dice
) -> list[int]:
    """Return up to `size` positions to probe while the runs at `pending` go on; positions may repeat."""
    positions = candidates(belief)
    alone = gains(belief, positions)
    asked = [price(position, gain.bad) for position, gain in zip(positions, alone, strict=True)]
    least = max(asked) / SPREAD
    prices = [max(each, least) for each in asked]
    if size == 1 and not pending:
        return [_best(positions, [belief], prices)[0]]
    faint = FAINT * max(_bits(belief, positions))
    dreams = [Dream(truth=belief.draw(dice), counts=counts) for _ in range(DREAMS)]
    for position in pending:
        dreams = [dream.with_run(position, dice) for dream in dreams]
    chosen: list[int] = []
    while len(chosen) < size:
        beliefs = [believe(belief.line, dream.counts, belief.grid) for dream in dreams]
        best, bits = _best(positions, [belief for belief in beliefs if belief is not None], prices)
        if bits < faint and (pending or chosen):
            break
        chosen.append(best)
        dreams = [dream.with_run(chosen[-1], dice) for dream in dreams]
    return chosen


def _best(positions: Sequence[int], beliefs: Sequence[Belief], prices: Sequence[float]) -> tuple[int, float]:
    """Return the position with the most mean information per second, and its bits.

    The last one where nothing tells anything.
    """
    columns = (_bits(belief, positions) for belief in beliefs)
    bits = [sum(column) / len(beliefs) for column in zip(*columns, strict=True)]
    worth = [bit / price for bit, price in zip(bits, prices, strict=True)]
    best = max(reversed(range(len(positions))), key=worth.__getitem__)
    return positions[best], bits[best]


def _bits(belief: Belief, positions: Sequence[int]) -> list[float]:
    """Return what a run at each position tells: of everything, or, once an edge is likely, of whether it is the one."""
    edge = belief.best()
    probability = belief.probability(edge)
    if not LIKELY <= probability < 1:
        return [gain.bits for gain in gains(belief, positions)]
    segment = belief.segment_of(edge)
    return [
        _bits_about(probability, segment.bad_rate if position >= edge else segment.good_rate, gain.bad)
        for position, gain in zip(positions, gains(belief, positions), strict=True)
    ]


def _bits_about(probability: float, rate: float, expected: float) -> float:
    """Return what a run tells of a claim: `rate` is expected should it hold, `expected` all in all."""
    otherwise = (expected - probability * rate) / (1 - probability)
    return entropy(expected) - probability * entropy(rate) - (1 - probability) * entropy(otherwise)


def candidates(belief: Belief) -> tuple[int, ...]:
    """Return the positions that may be worth a probe, in order."""
    return tuple(_candidates(belief))


def _candidates(belief: Belief) -> Iterator[int]:
    top = len(belief.line.values) - 1
    for segment in belief.segments:
        if segment.mass > NEGLIGIBLE:
            yield from range(segment.low, min(segment.high, top) + 1)
        elif segment.high <= top:
            yield segment.high


def gains(belief: Belief, positions: Sequence[int]) -> list[Gain]:
    """Return what a run at each of `positions`, in order, is expected to tell."""
    return list(_gains(belief, positions))


def _gains(belief: Belief, positions: Sequence[int]) -> Iterator[Gain]:
    below = belief.line.below
    hidden, bad = _below_all_edges(belief)
    waiting = deque(positions)
    for segment in belief.segments:
        step_hidden, step_bad = _step(segment)
        start = below[segment.low]
        whole = below[segment.high + 1] - start or 1.0
        while waiting and waiting[0] <= segment.high:
            part = (below[waiting.popleft() + 1] - start) / whole
            expected = bad + part * step_bad
            yield Gain(bits=entropy(expected) - hidden - part * step_hidden, bad=expected)
        hidden += step_hidden
        bad += step_bad


def _below_all_edges(belief: Belief) -> tuple[float, float]:
    """Return the bits that a run leaves open even if edge and rates are known, and its rate, on the good side."""
    hidden = sum(segment.good_bits for segment in belief.segments)
    return hidden, sum(segment.mass * segment.good_rate for segment in belief.segments)


def _step(segment: Segment) -> tuple[float, float]:
    """Return how both change from a position below the edges of the segment to one above them."""
    return segment.bad_bits - segment.good_bits, segment.mass * (segment.bad_rate - segment.good_rate)
