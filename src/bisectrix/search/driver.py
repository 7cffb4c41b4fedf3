"""The search as a conversation: it is asked for probes and told what they showed; resumed by telling it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from bisectrix.search.answers import Answer
from bisectrix.search.belief import Dice
from bisectrix.search.choice import Price, most_telling
from bisectrix.search.conclusion import conclude
from bisectrix.search.hunt import to_hunt
from bisectrix.search.outlook import Outlook
from bisectrix.search.question import Anywhere, Question, Terms
from bisectrix.search.side import ENDS, Purpose, Side, Wish
from bisectrix.search.state import Observation, State
from bisectrix.search.testable import chance_of_evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """One run of one value, named by its index, and why."""

    value: int
    purpose: Purpose


class Search:
    """A search under way.

    Its state is a value, made from what was recorded and nothing else; the dice only choose among probes that
    run at the same time.
    """

    def __init__(self, question: Question, terms: Terms, dice: Dice) -> None:
        """Start with nothing recorded."""
        self._question = question
        self._terms = terms
        self._dice = dice
        self._see(State())

    @property
    def state(self) -> State:
        """All that was recorded."""
        return self._outlook.state

    @property
    def outlook(self) -> Outlook:
        """What it amounts to, for whoever wants to show it."""
        return self._outlook

    def record(self, probe: Probe, observation: Observation, cost_s: float) -> None:
        """Take in what a run showed and the seconds it took, without those of building its environment."""
        self._see(self.state.after(probe.value, observation, cost_s))

    def record_build(self, cost_s: float) -> None:
        """Take in the seconds that making an environment took."""
        self._see(self.state.after_build(cost_s))

    def answer(self) -> Answer | None:
        """Return the answer, None while the search goes on."""
        return self._answer

    def next_probes(
        self, pending: Sequence[Probe], workers: int, built: frozenset[int] = frozenset()
    ) -> tuple[Probe, ...]:
        """Return the runs to start now, at most as many as there are idle workers; a value may be run twice at once.

        Asked with more workers than there are, it tells which environments are likely to be needed next.

        Args:
            pending: runs that were started and have not been recorded.
            workers: how many runs may go on at the same time, those pending included.
            built: values whose environment exists, besides all that were run.
        """
        affordable = self._terms.max_runs - self.state.runs - len(pending)
        free = int(min(workers - len(pending), affordable))
        if self._answer is not None or free <= 0:
            return ()
        return tuple(self._probes(Counter(probe.value for probe in pending), free, built))

    def _see(self, state: State) -> None:
        self._outlook = Outlook(question=self._question, terms=self._terms, state=state)
        self._answer = conclude(self._outlook)

    def _probes(self, pending: Counter[int], free: int, built: frozenset[int]) -> list[Probe]:
        sides = [side for side in self._outlook.sides if side.finding() is None]
        if not sides and isinstance(self._question.task, Anywhere):
            values = to_hunt(self._question.task.start, self._question.size, self.state, self._terms, pending)
            return [Probe(value=value, purpose=Purpose.HUNT) for value in values[:free]]
        probes: list[Probe] = []
        for number, side in enumerate(sides):
            share = -(-(free - len(probes)) // (len(sides) - number))
            taken = pending + Counter(probe.value for probe in probes)
            wishes = islice(self._wishes(side, taken, share, built), share)
            probes += [Probe(value=side.line.values[position], purpose=purpose) for position, purpose in wishes]
        return probes

    def _wishes(self, side: Side, taken: Counter[int], share: int, built: frozenset[int]) -> list[Wish]:
        """Return what a side wants run: what it must know, then, while the edge is open, what tells most."""
        under_way = Counter({at: taken[value] for at, value in enumerate(side.line.values) if taken[value]})
        forced = side.wishes()
        wanted = _not_under_way(forced, under_way)
        is_open = all(purpose in ENDS for _, purpose in forced)
        if not is_open or len(wanted) >= share or side.belief is None:
            return wanted
        busy = [*under_way.elements(), *(position for position, _ in wanted)]
        telling = most_telling(
            side.belief, side.counts, busy, share - len(wanted), self._price(side, built), self._dice
        )
        return [*wanted, *((position, Purpose.SEARCH) for position in telling)]

    def _price(self, side: Side, built: frozenset[int]) -> Price:
        """Return what a run is expected to cost for each run that is evidence, seconds."""
        good_s = self.state.mean_s(Observation.GOOD, self._terms.good_s)
        bad_s = self.state.mean_s(Observation.BAD, self._terms.bad_s)
        make_s = self.state.mean_build_s(self._terms.build_s)

        def price(position: int, bad: float) -> float:
            value = side.line.values[position]
            build_s = 0.0 if value in built or value in self.state.tallies else make_s
            run_s = bad * bad_s + (1 - bad) * good_s
            return (build_s + run_s) / chance_of_evidence(value, self._question.size, self.state)

        return price


def _not_under_way(wishes: Sequence[Wish], under_way: Counter[int]) -> list[Wish]:
    """Return the wishes less one for each run under way at the same position."""
    left = Counter(under_way)
    wanted = []
    for position, purpose in wishes:
        if left[position]:
            left[position] -= 1
        else:
            wanted.append((position, purpose))
    return wanted
