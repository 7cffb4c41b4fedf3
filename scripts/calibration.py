# /// script
# requires-python = ">=3.11"
# dependencies = ["bisectrix", "git-bayesect>=1.2"]
# ///
"""Check the promise of the search: how often it is right at nominal 95 %, in how many runs, and against what.

Plants a change in a simulated axis, lets the search find it, and prints a Markdown table. Fails when a promise of
docs/bisection.md is broken. `git-bayesect` is asked in the same process, about the same planted changes, where it is
installed: `uv run --with git-bayesect scripts/calibration.py`.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log2
from statistics import fmean
from typing import Any

from bisectrix.search.answers import Answer, Found
from bisectrix.search.driver import Search
from bisectrix.search.question import Between, Question, Terms
from bisectrix.search.state import Observation

CONFIDENCE = 0.95
LEAST_RIGHT = 0.93
MOST_OF_FIGURE = 1.1
LEAST_SPEED_UP = 6.0
WORKERS = 8
STRAY = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A planted change.

    Attributes:
        bad, good: share of runs that fail on either side; all failures of the bad side are the bug.
        releases: possible places of the change.
        figure: mean runs that the search promised to need; infinite where it promised nothing.
        matched: failures on the good side carry another signature, which the search sees and git-bayesect does not.
    """

    bad: float
    good: float
    releases: int
    figure: float
    matched: bool = True

    @property
    def name(self) -> str:
        """How the row is called in the table."""
        unmatched = "" if self.matched else ", no signature"
        return f"{self.bad:g}/{self.good:g}{unmatched}"

    @property
    def is_flaky(self) -> bool:
        """Whether the bug shows in some runs only."""
        return self.bad < 1

    @property
    def lower_bound(self) -> float:
        """Fano's bound on the mean runs of any method that knows both rates."""
        bits = CONFIDENCE * log2(self.releases) - entropy(1 - CONFIDENCE)
        return bits / capacity(self.bad, self.good)

    def observe(self, release: int, change: int, dice: random.Random) -> Observation:
        """Draw what a run shows."""
        if release >= change:
            return Observation.BAD if dice.random() < self.bad else Observation.GOOD
        if dice.random() >= self.good:
            return Observation.GOOD
        return Observation.OTHER_FAILURE if self.matched else Observation.BAD


ROWS = (
    Row(bad=1, good=0, releases=100, figure=11.7),
    Row(bad=1, good=0, releases=1000, figure=15.2),
    Row(bad=0.3, good=0, releases=100, figure=62),
    Row(bad=0.3, good=0, releases=1000, figure=85),
    Row(bad=0.03, good=0, releases=100, figure=577),
    Row(bad=0.6, good=0.05, releases=100, figure=26),
    Row(bad=0.6, good=0.05, releases=100, figure=float("inf"), matched=False),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One search: runs it took, rounds in which they were made, whether it was right."""

    runs: int
    rounds: int
    right: bool


def entropy(share: float) -> float:
    """Return the binary entropy, bits."""
    return -sum(part * log2(part) for part in (share, 1 - share) if part > 0)


def capacity(bad: float, good: float) -> float:
    """Return the greatest information of one run, bits, over how often either side is asked."""

    def told(share: float) -> float:
        return entropy(share * bad + (1 - share) * good) - share * entropy(bad) - (1 - share) * entropy(good)

    return max(told(step / 1000) for step in range(1001))


def ours(row: Row, seed: int, *, workers: int = 1, deterministic: bool = False) -> Trial:
    """Search with this project's code; every run costs the same, both ends are checked and counted."""
    dice = random.Random(seed)  # noqa: S311 - a simulation, repeatable by its seed
    change = dice.randint(1, row.releases)
    question = Question(size=row.releases + 1, task=Between(good=0, bad=row.releases))
    terms = Terms(
        confidence=CONFIDENCE, matched=row.matched, deterministic=deterministic, good_s=1, bad_s=1, build_s=STRAY
    )
    search = Search(question, terms, dice)
    rounds = 0
    while search.answer() is None:
        rounds += 1
        for probe in search.next_probes((), workers):
            search.record(probe, row.observe(probe.value, change, dice), 1.0)
    return Trial(runs=search.state.runs, rounds=rounds, right=is_right(search.answer(), change))


def is_right(answer: Answer | None, change: int) -> bool:
    """Say whether the answer names the planted change and no other."""
    if not isinstance(answer, Found) or len(answer.boundaries) != 1:
        return False
    (boundary,) = answer.boundaries
    return boundary.last_good < change <= boundary.first_bad


def theirs(row: Row, seed: int, bisector_class: Callable[[list[float]], Any]) -> Trial:
    """Search as `git bayesect run` does: its index 0 is the newest release, and it stops at its own 95 %."""
    dice = random.Random(seed)  # noqa: S311 - a simulation, repeatable by its seed
    change = dice.randint(1, row.releases)
    bisector = bisector_class([1.0] * (row.releases + 1))
    runs = 0
    while bisector.distribution.max() < CONFIDENCE:
        index = bisector.select()
        bisector.record(index, row.observe(row.releases - index, change, dice) is not Observation.GOOD)
        runs += 1
    return Trial(runs=runs, rounds=runs, right=row.releases - int(bisector.distribution.argmax()) == change)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What the trials of one row came to; without git-bayesect its list is empty."""

    row: Row
    ours: tuple[Trial, ...]
    parallel: tuple[Trial, ...]
    theirs: tuple[Trial, ...]

    @property
    def runs(self) -> float:
        """Mean runs of this project's search."""
        return fmean(trial.runs for trial in self.ours)

    @property
    def right(self) -> float:
        """Share of right answers of this project's search."""
        return fmean(trial.right for trial in self.ours)

    @property
    def rounds(self) -> float:
        """Mean rounds with several workers."""
        return fmean(trial.rounds for trial in self.parallel)

    def broken_promises(self) -> Iterator[str]:
        """Yield what was promised of this row and is not so."""
        place = f"{self.row.name}, N={self.row.releases}"
        if self.right < LEAST_RIGHT:
            yield f"{place}: right in {self.right:.1%} of the trials, promised {LEAST_RIGHT:.0%}"
        if self.runs > MOST_OF_FIGURE * self.row.figure:
            yield f"{place}: {self.runs:.1f} runs, promised {MOST_OF_FIGURE * self.row.figure:.1f}"
        if self.row.is_flaky and self.theirs and self.runs >= fmean(trial.runs for trial in self.theirs):
            yield f"{place}: not fewer runs than git-bayesect"
        if self.row.bad <= min(row.bad for row in ROWS) and self.runs < LEAST_SPEED_UP * self.rounds:
            yield f"{place}: {WORKERS} workers need {self.rounds:.1f} rounds, promised {self.runs / LEAST_SPEED_UP:.1f}"

    def line(self) -> str:
        """Return the row of the table."""
        theirs = "not installed"
        if self.theirs:
            theirs = f"{fmean(t.runs for t in self.theirs):.1f} ({fmean(t.right for t in self.theirs):.2f})"
        bound = self.row.lower_bound
        cells = (
            *(self.row.name, str(self.row.releases), f"{bound:.1f}", f"{self.runs:.1f} ({self.right:.3f})"),
            *(f"{self.runs / bound:.2f}", theirs, f"{self.rounds:.1f}", f"{self.runs / self.rounds:.1f}"),
        )
        return f"| {' | '.join(cells)} |"


HEADER = f"""\
| q/f | N | lower bound | runs (right) | ratio | git-bayesect (right) | rounds, {WORKERS} workers | speed-up |
|---|---|---|---|---|---|---|---|"""


def measure(row: Row, trials: int, parallel_trials: int, bisector_class: Callable[[list[float]], Any] | None) -> Result:
    """Run all trials of a row; the seeds are the trial's number."""
    return Result(
        row=row,
        ours=tuple(ours(row, seed) for seed in range(trials)),
        parallel=tuple(ours(row, seed, workers=WORKERS) for seed in range(parallel_trials)),
        theirs=tuple(theirs(row, seed, bisector_class) for seed in range(trials)) if bisector_class else (),
    )


def git_bayesect() -> Callable[[list[float]], Any] | None:
    """Return the model of the git-bayesect package, None where it is not installed."""
    try:
        module = importlib.import_module("git_bayesect")
    except ModuleNotFoundError:
        return None
    bisector: Callable[[list[float]], Any] = module.Bisector
    return bisector


def main() -> int:
    """Print the table; return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="Check how often the search is right, and in how many runs.")
    parser.add_argument("--trials", type=int, default=300, help="searches for each row")
    parser.add_argument("--parallel-trials", type=int, default=60, help="searches for each row with several workers")
    parser.add_argument("--rows", type=int, nargs="*", default=range(len(ROWS)), help="rows to run, from 0")
    arguments = parser.parse_args()
    print(HEADER, flush=True)
    broken: list[str] = []
    for number in arguments.rows:
        result = measure(ROWS[number], arguments.trials, arguments.parallel_trials, git_bayesect())
        print(result.line(), flush=True)
        broken.extend(result.broken_promises())
    plain = fmean(ours(ROWS[0], seed, deterministic=True).runs for seed in range(arguments.trials))
    print(f"\nWith `--deterministic`, q/f 1/0, N=100: {plain:.1f} runs, 2 of them for the ends.")
    print("\n".join(["", *(f"- broken: {promise}" for promise in broken)]) if broken else "\nAll promises hold.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
