# /// script
# requires-python = ">=3.11"
# dependencies = ["bisectrix", "git-bayesect>=1.2"]
# ///
"""Check the promise of the search: how often it is right at nominal 95 %, in how many runs, and against what.

Plants a change in a simulated axis, lets the search find it, and prints a Markdown table; fails when a promise is
broken. `git-bayesect` is asked in the same process, about the same planted changes, where it is installed. With
`--write docs/calibration.md` the page is written, which takes about an hour of processor time:

    uv run --with git-bayesect scripts/calibration.py --write docs/calibration.md
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import platform
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from inspect import getsource
from math import log2
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import TypeAdapter

from bisectrix import __version__
from bisectrix.search import driver
from bisectrix.search.answers import Answer, Found
from bisectrix.search.driver import Search
from bisectrix.search.question import Between, Question, Terms
from bisectrix.search.state import Observation

CONFIDENCE = 0.95
LEAST_RIGHT = 0.93
MOST_OF_FIGURE = 1.1
LEAST_SPEED_UP = 6.0
WORKERS = 8
NO_COST_S = 1e-9
FIRST_SEED = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A planted change.

    Attributes:
        bad, good: share of runs that fail on either side; all failures of the bad side are the bug.
        releases: possible places of the change.
        figure: mean runs that the search promised to need; None where it promised nothing.
        matched: failures on the good side carry another signature, which the search sees and git-bayesect does not;
            a row without shows what that is worth, and promises confidence alone.
        trials: searches that the page is about.
    """

    bad: float
    good: float
    releases: int
    figure: float | None = None
    matched: bool = True
    trials: int = 200

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
    Row(bad=0.03, good=0, releases=100, figure=577, trials=100),
    Row(bad=0.6, good=0.05, releases=100, figure=26, trials=400),
    Row(bad=0.6, good=0.05, releases=100, matched=False, trials=400),
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
        confidence=CONFIDENCE, matched=row.matched, deterministic=deterministic, good_s=1, bad_s=1, build_s=NO_COST_S
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


def theirs(row: Row, seed: int) -> Trial:
    """Search as `git bayesect run` does: its index 0 is the newest release, and it stops at its own 95 %."""
    bisector_class: Callable[[list[float]], Any] = importlib.import_module("git_bayesect").Bisector
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
        if self.row.figure and self.runs > MOST_OF_FIGURE * self.row.figure:
            yield f"{place}: {self.runs:.1f} runs, promised {MOST_OF_FIGURE * self.row.figure:.1f}"
        if (
            self.row.is_flaky
            and self.row.matched
            and self.theirs
            and self.runs >= fmean(trial.runs for trial in self.theirs)
        ):
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


RESULT = TypeAdapter(Result)

HEADER = f"""\
| q/f | N | lower bound | runs (right) | ratio | git-bayesect (right) | rounds, {WORKERS} workers | speed-up |
|---|---|---|---|---|---|---|---|"""


def kept(folder: Path | None, row: Row, parallel_trials: int, measure: Callable[[Row, int], Result]) -> Result:
    """Return what the same trials of the same search code came to before; else measure, and keep it."""
    if folder is None:
        return measure(row, parallel_trials)
    asked = repr((row, parallel_trials, FIRST_SEED, *(getsource(part) for part in (Row, ours, is_right, theirs))))
    told = [asked.encode(), *(file.read_bytes() for file in sorted(Path(driver.__file__).parent.glob("*.py")))]
    file = folder / f"{hashlib.sha256(b''.join(told)).hexdigest()}.json"
    if file.exists():
        return RESULT.validate_json(file.read_bytes())
    result = measure(row, parallel_trials)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(RESULT.dump_json(result))
    return result


def measure(pool: Executor, row: Row, parallel_trials: int) -> Result:
    """Run all trials of a row, both programs on the same seeds; no threshold of the search was chosen on these."""
    seeds = range(FIRST_SEED, FIRST_SEED + row.trials)
    with_workers = pool.map(partial(ours, row, workers=WORKERS), seeds[:parallel_trials])
    alone = pool.map(partial(ours, row), seeds)
    others = pool.map(partial(theirs, row), seeds) if version_of_theirs() else ()
    return Result(row=row, ours=tuple(alone), parallel=tuple(with_workers), theirs=tuple(others))


def version_of_theirs() -> str:
    """Return the version of git-bayesect, nothing where it is not installed."""
    try:
        return version("git-bayesect")
    except PackageNotFoundError:
        return ""


PAGE = """\
# Calibration

How many runs a search takes and how often it is right, in simulations with the search code of the program itself. This
page is written by `scripts/calibration.py`, which fails when one of the promises below is broken.

{table}

{plain}

* **q/f**: share of runs that fail on the bad and on the good side; **N**: places where the change may be.
* **lower bound**: Fano's, for any method that knows both rates beforehand; **ratio**: our mean runs to it. Ours knows
  neither rate, checks both ends first, and runs the last good and the first bad value again before it names them.
* **right**: share of searches that named the planted change and no other, at `--confidence 0.95`.
* **git-bayesect**: the package, in the same process on the same planted changes, until it is 95 % sure. It counts every
  failure; ours knows the bug by its signature, except in the last row.
* **rounds**: with {workers} runs at a time; **speed-up**: mean runs of one worker to these.

Promised, and checked by the script: right in at least {least_right:.0%} of the searches in every row; no more runs than
1.1 times what was aimed at ({figures}); fewer runs than git-bayesect in every flaky row with a
signature; with {workers} workers at least {speed_up:g} times fewer rounds for the rarest bug. {kept}

Searches a row: {trials}. {parallel_trials} of them again with {workers} workers, seeds from {seed}; bisectrix {ours},
git-bayesect {theirs}, Python {python}.
"""


def page(table: Sequence[str], plain: str, broken: Sequence[str], arguments: argparse.Namespace) -> str:
    """Return the page about these figures, and about the promises that they do not keep."""
    return PAGE.format(
        table="\n".join(table),
        plain=plain,
        workers=WORKERS,
        least_right=LEAST_RIGHT,
        figures=", ".join(f"{row.figure:g}" for row in ROWS if row.figure),
        speed_up=LEAST_SPEED_UP,
        kept="Not kept: " + "; ".join(broken) + "." if broken else "All of that holds.",
        trials=", ".join(str(row.trials) for row in ROWS),
        parallel_trials=arguments.parallel_trials,
        seed=FIRST_SEED,
        ours=__version__,
        theirs=version_of_theirs(),
        python=platform.python_version(),
    )


def main() -> int:
    """Print the table; return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="Check how often the search is right, and in how many runs.")
    parser.add_argument("--trials", type=int, help="searches for each row  [default: as the page has]")
    parser.add_argument("--parallel-trials", type=int, default=12, help="of them again with several workers")
    parser.add_argument("--rows", type=int, nargs="*", default=range(len(ROWS)), help="rows to run, from 0")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="searches at once")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep finished rows here, and take them from here")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page; needs all rows and git-bayesect")
    arguments = parser.parse_args()
    if arguments.write and (len(arguments.rows) < len(ROWS) or arguments.trials or not version_of_theirs()):
        parser.error("--write needs all rows with all their trials, and git-bayesect to be installed")
    table = HEADER.splitlines()
    broken: list[str] = []
    print(HEADER, flush=True)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for number in arguments.rows:
            row = replace(ROWS[number], trials=arguments.trials or ROWS[number].trials)
            result = kept(arguments.keep, row, arguments.parallel_trials, partial(measure, pool))
            table.append(result.line())
            print(table[-1], flush=True)
            broken.extend(result.broken_promises())
        plainly = partial(ours, ROWS[0], deterministic=True)
        runs = fmean(trial.runs for trial in pool.map(plainly, range(FIRST_SEED, FIRST_SEED + 100)))
    plain = f"With `--deterministic`, q/f 1/0, N=100: {runs:.1f} runs, 2 of them for the ends."
    print(f"\n{plain}")
    print("\n".join(["", *(f"- broken: {promise}" for promise in broken)]) if broken else "\nAll promises hold.")
    if arguments.write:
        arguments.write.write_text(page(table, plain, broken, arguments), encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
