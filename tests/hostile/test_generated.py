"""Generated programs: no healthy one is said to hang, and each one that hangs is found."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from bisectrix.environments.interpreters import choose, find_interpreters
from bisectrix.model.attempt import Blocked, Execution, Exited
from bisectrix.model.environment import Interpreter
from bisectrix.model.repro import Limits
from bisectrix.model.words import HangGrade
from bisectrix.supervise.order import Order
from bisectrix.supervise.supervisor import Supervisor
from support.generated import Program, generate
from support.pythons import OTHERS

FIRST_SEED = int(os.environ.get("FIRST_SEED", "1"))
"""Set it to draw other programs; the one of a failure is drawn again by its own seed."""

AT_ONCE = 8
PROVED_SHARE = 0.6
"""The others wait for what somebody outside could do, such as opening a FIFO, or have a thread that polls."""
MINORS = ("3.9", "3.11", "3.13")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """A program that was watched."""

    program: Program
    python: str
    execution: Execution

    @property
    def grade(self) -> HangGrade | None:
        """How sure the claim is; None when none was made."""
        return self.execution.ending.grade if isinstance(self.execution.ending, Blocked) else None

    @property
    def story(self) -> str:
        """What a person needs to see it again."""
        kind = "hangs" if self.program.hangs else "healthy"
        blocks = ", ".join(self.program.blocks)
        return (
            f"python -m support.generated {self.program.seed} {kind}: {self.execution.ending} ({self.python}; {blocks})"
        )


class Runner:
    """Runs programs, several at once, spread over the interpreters."""

    def __init__(self, supervisor: Supervisor, pythons: Sequence[str], folder: Path) -> None:
        self._supervisor = supervisor
        self._pythons = pythons
        self._folder = folder

    def run(self, programs: Iterable[Program]) -> list[Ran]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._run, programs, cycle(self._pythons)))

    def _run(self, program: Program, python: str) -> Ran:
        folder = self._folder / f"{program.seed}-{program.hangs}"
        folder.mkdir()
        (folder / "program.py").write_text(program.text, encoding="utf-8")
        order = Order(
            argv=(python, "program.py"),
            env=(("PATH", os.environ["PATH"]), ("PYTHONWARNINGS", "ignore")),
            cwd=folder,
            scratch=folder,
            evidence_dir=folder / "evidence",
            limits=Limits(startup_s=60, deadline_s=60, quiet_s=quiet_s(program)),
        )
        execution = self._supervisor.run(order, on_pulse=lambda _pulse: None, cancelled=threading.Event())
        shutil.rmtree(folder)
        return Ran(program=program, python=python, execution=execution)


def quiet_s(program: Program) -> float:
    """Polling looks the same healthy or hung: only the quiet time tells it from a stall, so it must outlast the poll."""
    return 5 if program.hangs else 30 if program.polls else 1.5


def healthy(count: int) -> list[Program]:
    return [generate(seed, hangs=False) for seed in range(FIRST_SEED, FIRST_SEED + count)]


def hanging(count: int) -> list[Program]:
    return [generate(seed, hangs=True) for seed in range(FIRST_SEED, FIRST_SEED + count)]


def pythons(cache: Path) -> list[str]:
    """Return three Pythons, far apart, fewer where the machine has fewer, and those that are named for the tests."""
    found = find_interpreters(os.environ, cache=cache)
    chosen = [choose(found, minor) for minor in MINORS]
    own = [str(each.path) for each in chosen if isinstance(each, Interpreter)] or [sys.executable]
    return [*own, *OTHERS]


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]), prepend=os.pathsep)
        with Supervisor(collect="support.no_evidence:collect") as running:
            yield running


@pytest.fixture
def runner(supervisor: Supervisor, tmp_path: Path) -> Runner:
    return Runner(supervisor, [sys.executable], tmp_path)


def check_healthy(ran: Sequence[Ran]) -> None:
    wrong = [each.story for each in ran if each.execution.ending != Exited(code=0)]
    assert not wrong, "\n".join(wrong)


def check_hanging(ran: Sequence[Ran]) -> None:
    missed = [each.story for each in ran if not isinstance(each.execution.ending, Blocked)]
    assert not missed, "\n".join(missed)


def test_a_seed_draws_the_same_program_again() -> None:
    assert generate(4711, hangs=True) == generate(4711, hangs=True)
    assert generate(4711, hangs=True).text != generate(4712, hangs=True).text


def test_all_that_programs_are_made_of_is_drawn() -> None:
    drawn = Counter(block for seed in range(600) for block in generate(seed, hangs=False).blocks)
    assert len(drawn) > 60
    assert min(drawn.values()) > 1


def test_a_few_programs_are_told_apart(runner: Runner) -> None:
    check_healthy(runner.run(healthy(12)))
    check_hanging(runner.run(hanging(8)))


@pytest.mark.slow
def test_programs_on_every_python_are_told_apart(supervisor: Supervisor, tmp_path: Path) -> None:
    runner = Runner(supervisor, pythons(tmp_path / "cache"), tmp_path)
    check_healthy(runner.run(healthy(300)))
    ran = runner.run(hanging(150))
    check_hanging(ran)
    grades = Counter(each.grade for each in ran)
    assert grades[HangGrade.PROVED] >= PROVED_SHARE * len(ran), grades
