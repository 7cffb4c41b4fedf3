"""What the harness costs: the same processes under it and in a plain loop, in pairs.

    nox -s bench

Prints medians and ratios; absolute times depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bisectrix.cli.assembly import opened_tools
from bisectrix.environments.interpreters import choose
from bisectrix.environments.variables import cell_variables
from bisectrix.matrix.request import lock_request
from bisectrix.model.environment import Environment, Interpreter
from bisectrix.model.lock import Lock
from bisectrix.model.repro import Limits
from bisectrix.project import Project
from bisectrix.runner.cell import CellRunner, Policy
from bisectrix.runner.events import Event
from bisectrix.runner.planning import Pick, PlannedCell, Wish, plan
from bisectrix.runner.schedule import run_cells
from bisectrix.runner.tools import Tools
from bisectrix.supervise.order import Order

REPRO = """# /// script
# requires-python = ">=3.11"
# dependencies = []
#
# [tool.bisectrix]
# title = "Does nothing"
# matrices = ["many"]
#
# [tool.bisectrix.bug]
# kind = "fail"
# ///
"""
MATRIX = """title = "Many cells of one environment"
set = "quick"

[axes]
python = "current"

[axes.env]
NUMBER = [{numbers}]
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the harness against a plain loop over the same processes.")
    parser.add_argument("--pairs", type=int, default=30, help="pairs of attempts [30]")
    parser.add_argument("--cells", type=int, default=100, help="cells in the matrix [100]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bisectrix-bench-") as folder:
        project = write_project(Path(folder), options.cells)
        with opened_tools(project) as tools:
            cells = plan(project, WISH, tools.opener(anew=False)).cells
            with environment_of(tools, cells[0]) as environment:
                print_attempts(tools, environment, options.pairs)
                print_cells(tools, environment, cells)


WISH = Wish(names=(), matrix="", pick=Pick.QUICK, selection=None, attempts=0)


def write_project(folder: Path, cells: int) -> Project:
    """Write one repro that does nothing, and a matrix of `cells` cells that share an environment."""
    (folder / "repros").mkdir()
    (folder / "matrices").mkdir()
    (folder / "repros/nothing.py").write_text(REPRO, encoding="utf-8")
    numbers = ", ".join(f'"{number}"' for number in range(cells))
    (folder / "matrices/many.toml").write_text(MATRIX.format(numbers=numbers), encoding="utf-8")
    return Project(root=folder)


@contextmanager
def environment_of(tools: Tools, planned: PlannedCell) -> Iterator[Environment]:
    """Make the environment that all cells share, and record its lock."""
    interpreter = choose(tools.interpreters, planned.cell.get("python"))
    assert isinstance(interpreter, Interpreter), interpreter
    request = lock_request(
        planned.subject.repro, planned.matrix, planned.cell, python=interpreter.minor, platform=tools.platform
    )
    lock = tools.uv.resolve(request, interpreter)
    assert isinstance(lock, Lock), lock
    tools.locks.put(planned.cell.repro, planned.cell, request, lock)
    with tools.pool.hold(lock, interpreter) as environment:
        assert isinstance(environment, Environment), environment
        yield environment


def print_attempts(tools: Tools, environment: Environment, pairs: int) -> None:
    """Print what one attempt costs over the bare process, from pairs run in turn."""
    argv = (str(environment.python), "-c", "pass")
    supervised, bare = [], []
    for _ in range(pairs + 1):
        bare.append(timed(lambda: run_bare(argv)))
        supervised.append(timed(lambda: run_supervised(tools, environment, argv)))
    added = [ours - theirs for ours, theirs in zip(supervised[1:], bare[1:], strict=True)]
    print(
        f"attempt, median of {pairs} pairs: bare {ms(bare[1:])}, under the harness {ms(supervised[1:])}, added {ms(added)}"
    )


def run_bare(argv: Sequence[str]) -> None:
    """Run a process and wait for it, as a plain loop would."""
    subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=True)  # noqa: S603  (our own argv)


def run_supervised(tools: Tools, environment: Environment, argv: tuple[str, ...]) -> None:
    """Run the same process under a warden."""
    with tools.scratch.attempt({"nothing.py": b""}) as folder:
        order = Order(
            argv=argv,
            env=tuple(cell_variables(environment, folder, {}).items()),
            cwd=folder / "work",
            scratch=folder,
            evidence_dir=folder / "evidence",
            limits=Limits(),
            ready="",
            events=None,
        )
        tools.supervisor.run(order, on_pulse=lambda _: None, cancelled=threading.Event())


def print_cells(tools: Tools, environment: Environment, cells: Sequence[PlannedCell]) -> None:
    """Print what a cell costs in a whole run over the same processes in a plain pool of threads."""
    jobs = len(os.sched_getaffinity(0))
    argv = (str(environment.python), str(cells[0].subject.repro.path))
    bare = timed(lambda: run_pool(argv, len(cells), jobs))
    ran = timed(lambda: run_matrix(tools, cells, jobs))
    again = timed(lambda: run_matrix(tools, cells, jobs))
    count = len(cells)
    print(
        f"{count} cells, {jobs} at once: plain loop {bare:.2f} s, under the harness {ran:.2f} s, ratio {ran / bare:.2f}"
    )
    print(f"a cell that is recorded and unchanged: {again / count * 1000:.1f} ms")


def run_pool(argv: Sequence[str], count: int, jobs: int) -> None:
    """Run a process many times, some at once."""
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda _: run_bare(argv), range(count)))


def run_matrix(tools: Tools, cells: Sequence[PlannedCell], jobs: int) -> None:
    """Run the cells as `bisectrix run` does."""
    run_id = tools.store.begin_run(command="bench", started_at=tools.now())
    runner = CellRunner(tools, run_id, policy=Policy(), jobs=jobs, observe=ignore, cancelled=tools.cancelled)
    report = run_cells(runner, cells, jobs=jobs, stop_at_bad=False, observe=ignore, cancelled=tools.cancelled)
    assert len(report.results) == len(cells), report.failures


def timed(action: Callable[[], object]) -> float:
    """Return the wall time of one call, in seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def ms(seconds: Sequence[float]) -> str:
    """Return the median with the quartiles, in milliseconds."""
    low, middle, high = statistics.quantiles(seconds, n=4)
    return f"{middle * 1000:.0f} ms ({low * 1000:.0f} to {high * 1000:.0f})"


def ignore(event: Event) -> None:
    """Watch nothing."""
    del event


if __name__ == "__main__":
    main()
