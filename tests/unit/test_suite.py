"""How runs of pytest become one execution, with runs made up of events."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bisectrix.model.attempt import (
    Blocked,
    Ending,
    EvidenceFile,
    Execution,
    Exited,
    Limited,
    Output,
    Overran,
    Signalled,
)
from bisectrix.model.repro import Limits
from bisectrix.model.words import EvidenceKind, HangGrade, LimitKind, OverrunLabel
from bisectrix.supervise.order import Order
from bisectrix.supervise.suite import pytest_argv, run_suite

HUNG = Blocked(grade=HangGrade.STALLED, reason="nothing ran", quiet_s=1.0)
SLOW = Overran(label=OverrunLabel.POLLING, detail="it wakes")
FULL = Limited(limit=LimitKind.MEMORY, detail="4 GiB")
DIED = Signalled(signal="SIGSEGV")


def collected(*tests: str, needs: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"event": "collected", "tests": [[test, list(needs)] for test in tests]}


def start(test: str) -> dict[str, Any]:
    return {"event": "start", "test": test, "phase": "setup", "after_s": 1.0}


def finish(test: str, outcome: str = "pass") -> list[dict[str, Any]]:
    return [start(test), {"event": "finish", "test": test, "outcome": outcome, "duration_s": 0.5, "message": ""}]


END = {"event": "end", "exit_code": 0}


def execution(ending: Ending, *, text: str = "") -> Execution:
    output = Output(text=text, size_bytes=len(text), truncated=False)
    return Execution(
        ending=ending,
        duration_s=3.0,
        ready_after_s=0.25,
        cpu_s=1.0,
        peak_memory_mib=10.0,
        leaked=(),
        stdout=output,
        stderr=output,
    )


@dataclass
class Script:
    """Stands in for supervised runs: each writes its events and ends as told."""

    runs: Iterator[tuple[list[dict[str, Any]], Execution]]
    orders: list[Order] = field(default_factory=list)

    def __call__(self, order: Order) -> Execution:
        self.orders.append(order)
        events, done = next(self.runs)
        assert order.events is not None
        order.events.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        return replace(done, evidence=(EvidenceFile(kind=EvidenceKind.STDOUT, path=order.evidence_dir / "stdout.txt"),))

    def settled(self, number: int) -> list[str]:
        ids: list[str] = json.loads(Path(dict(self.orders[number].env)["BISECTRIX_DESELECT"]).read_text())
        return ids


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return Order(
        argv=pytest_argv("python", ("test_it.py",)),
        env=(("A", "b"),),
        cwd=tmp_path,
        scratch=tmp_path,
        evidence_dir=tmp_path / "evidence",
        limits=Limits(),
    )


def script(*runs: tuple[list[dict[str, Any]], Ending]) -> Script:
    return Script(iter([(events, execution(ending)) for events, ending in runs]))


def words(done: Execution) -> dict[str, str]:
    return {test.nodeid: str(test.outcome) for test in done.tests}


def test_a_suite_that_ends_by_itself_is_run_once(order: Order) -> None:
    runs = script(([collected("a", "b"), *finish("b"), *finish("a", "skip"), END], Exited(code=0)))
    done = run_suite(runs, order)
    assert list(words(done).items()) == [("a", "skip"), ("b", "pass")]
    assert len(runs.orders) == 1


@pytest.mark.parametrize(
    ("ending", "word"), [(HUNG, "hang"), (SLOW, "timeout"), (DIED, "crash"), (FULL, "crash"), (Exited(code=0), "crash")]
)
def test_a_test_under_way_is_what_the_ending_says(order: Order, ending: Ending, word: str) -> None:
    done = run_suite(script(([collected("a"), start("a")], ending)), order)
    (test,) = done.tests
    assert (test.outcome, test.duration_s) == (word, 2.0)


def test_what_is_settled_is_left_out_of_the_next_run(order: Order) -> None:
    runs = script(
        ([collected("a", "b", "c d"), *finish("a"), start("b")], HUNG),
        ([collected("c d"), *finish("c d", "fail"), END], Exited(code=1)),
    )
    assert words(run_suite(runs, order)) == {"a": "pass", "b": "hang", "c d": "fail"}
    assert [runs.settled(0), runs.settled(1)] == [[], ["a", "b"]]


def test_runs_do_not_write_to_the_same_files(order: Order) -> None:
    runs = script(([collected("a", "b"), start("a")], HUNG), ([collected("b"), *finish("b"), END], Exited(code=0)))
    done = run_suite(runs, order)
    assert len({file.path for file in done.evidence}) == 2
    assert len({each.events for each in runs.orders}) == 2
    assert {("A", "b")} < set(runs.orders[1].env)


def test_numbers_are_added_up_and_the_first_start_up_counts(order: Order) -> None:
    runs = script(([collected("a", "b"), start("a")], HUNG), ([collected("b"), *finish("b"), END], Exited(code=0)))
    done = run_suite(runs, order)
    assert (done.duration_s, done.cpu_s, done.peak_memory_mib, done.ready_after_s) == (6.0, 2.0, 10.0, 0.25)


RANKING: list[Ending] = [HUNG, DIED, SLOW, Exited(code=1), Exited(code=0)]


@pytest.mark.parametrize(("worse", "better"), list(pairwise(RANKING)))
def test_the_worst_ending_is_that_of_the_suite(order: Order, worse: Ending, better: Ending) -> None:
    runs = script(([collected("a", "b"), start("a")], better), ([collected("b"), start("b")], worse))
    assert run_suite(runs, order).ending == worse


def test_a_run_that_settles_nothing_is_the_last_and_the_rest_says_why(order: Order) -> None:
    done = run_suite(script(([collected("a", "b"), start("a")], DIED), ([], DIED)), order)
    assert words(done) == {"a": "crash", "b": "blocked"}
    assert done.tests[1].message == "never begun: ended the process by SIGSEGV before it"


def test_a_suite_is_given_up_after_so_many_runs(order: Order) -> None:
    runs = script(*([([collected("a", "b", "c"), start(test)], DIED) for test in "abc"]))
    assert words(run_suite(runs, order, most_runs=2)) == {"a": "crash", "b": "crash", "c": "blocked"}


def test_a_secret_in_a_message_is_removed(order: Order) -> None:
    ending = Limited(limit=LimitKind.OUTPUT, detail="password hunter2")
    runs = script(([collected("a"), start("a")], ending))
    (test,) = run_suite(runs, order, redact=lambda text: text.replace("hunter2", "***")).tests
    assert "password ***" in test.message


def fixture(key: str, scope: str) -> dict[str, Any]:
    return {"event": "fixture", "name": key, "scope": scope, "key": key}


def test_only_a_fixture_that_is_being_set_up_blocks_others(order: Order) -> None:
    done_db = {"event": "fixture-done", "key": "db"}
    runs = script(
        ([collected("a", "b", needs=("db",)), start("a"), fixture("db", "session"), done_db], HUNG),
        ([collected("b", needs=("db",)), start("b"), fixture("db", "session"), fixture("x", "function")], HUNG),
    )
    done = run_suite(runs, order)
    assert words(done) == {"a": "hang", "b": "hang"}
    assert [test.message.rpartition(") ")[2] for test in done.tests] == ["in set-up", "in set-up of fixture x"]


def test_a_crash_in_a_shared_fixture_blocks_nobody(order: Order) -> None:
    runs = script(
        ([collected("a", "b", needs=("db",)), start("a"), fixture("db", "session")], DIED),
        ([collected("b", needs=("db",)), *finish("b"), END], Exited(code=0)),
    )
    assert words(run_suite(runs, order)) == {"a": "crash", "b": "pass"}


def test_lines_that_are_no_events_are_passed_over(order: Order) -> None:
    strange = [{}, {"event": "party"}, {"event": "start"}, {"event": "phase", "test": "z", "phase": "call"}]
    runs = script(([collected("a"), *strange, *finish("a"), END], Exited(code=0)))
    assert words(run_suite(runs, order)) == {"a": "pass"}


@pytest.mark.parametrize(
    ("name", "text", "own"),
    [
        ("pytest.ini", "", True),
        ("pyproject.toml", "[tool.pytest.ini_options]\n", True),
        ("pyproject.toml", "[project]\n", False),
        ("setup.cfg", "[tool:pytest]\n", True),
        ("tox.ini", "[tox]\n", False),
        ("conftest.py", "", False),
    ],
)
def test_a_suite_without_settings_takes_none_from_above(
    order: Order,
    tmp_path: Path,
    name: str,
    text: str,
    own: bool,  # noqa: FBT001 - a table's column
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    runs = script(([END], Exited(code=5)))
    run_suite(runs, order)
    assert (runs.orders[0].argv[-2:] == ("-c", os.devnull)) is not own
