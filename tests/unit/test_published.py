"""The record that is committed to git."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.model.recipe import Recipe
from bisectrix.model.result import CellResult, Ran, Skipped
from bisectrix.model.words import Outcome, SkipReason, TestOutcome
from bisectrix.record.published import combined, load, merged, publish
from support.results import attempt, cell, did, ran, unavailable

HERE = cell(python="3.11", vcrpy="8.1.1")
HANGS = ran(HERE, attempt(Outcome.HANG))


def seen_again(result: CellResult) -> CellResult:
    """Return the same result as another run on another day would record it."""
    assert isinstance(result.state, Ran)
    attempts = tuple(
        replace(
            one,
            duration_s=9.9,
            cpu_s=8.8,
            peak_memory_mib=7.7,
            load=6,
            started_at="2027-07-07T07:07:07Z",
            summary="hang after 9.9 s",
            evidence=(),
        )
        for one in result.state.attempts
    )
    return replace(
        result, finished_at="2027-07-07T07:08:00Z", matrix="quick", state=replace(result.state, attempts=attempts)
    )


def test_what_is_published_comes_back(tmp_path: Path) -> None:
    tests = [did("t.py::test_a[|`]", TestOutcome.FAIL, "line\nline\u2028 \x85 é")]
    results = (ran(HERE, attempt(Outcome.HANG, tests=tests), attempt()), unavailable(cell("zoo", python="3.12")))
    publish(tmp_path, results)
    assert load(tmp_path) == results
    assert sorted(file.name for file in tmp_path.iterdir()) == ["vcr-pool.jsonl", "zoo.jsonl"]


def test_one_line_a_cell_sorted_as_versions(tmp_path: Path) -> None:
    cells = [cell(python="3.11", vcrpy=version) for version in ("10.0.0", "9.0.0", "main", "9.0.0rc1")]
    publish(tmp_path, [ran(one, attempt()) for one in cells])
    assert [result.cell.get("vcrpy") for result in load(tmp_path)] == ["9.0.0rc1", "9.0.0", "10.0.0", "main"]
    assert len((tmp_path / "vcr-pool.jsonl").read_text(encoding="utf-8").splitlines()) == 4


RECIPE = Recipe(files=(("vcr-pool.py", "ab" * 32),), args=(), variables=(("TMPDIR", "/home/me/of/mine"),))


def with_recipe(result: CellResult) -> CellResult:
    assert isinstance(result.state, Ran)
    return replace(result, state=replace(result.state, recipe=RECIPE))


def test_a_record_gains_a_recipe_and_never_loses_it() -> None:
    known = with_recipe(HANGS)
    assert merged([HANGS], [known]) == (known,)
    assert merged([known], [HANGS]) == (known,)


def test_seeing_the_same_again_leaves_the_file_alone(tmp_path: Path) -> None:
    fails = ran(cell(python="3.12", vcrpy="8.1.1"), attempt(Outcome.FAIL))
    fails_again = replace(
        seen_again(fails), judgement=Skipped(reason=SkipReason.OTHER_FAILURE, explanation="fail after 9.9 s")
    )
    publish(tmp_path, [HANGS, fails])
    before = (tmp_path / "vcr-pool.jsonl").read_bytes()
    publish(tmp_path, [seen_again(HANGS), fails_again])
    assert (tmp_path / "vcr-pool.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(ran(HERE, attempt()), id="another outcome"),
        pytest.param(ran(HERE, attempt(Outcome.HANG), attempt(Outcome.HANG)), id="another count"),
        pytest.param(ran(HERE, attempt(Outcome.HANG, frames=attempt(Outcome.HANG).chain[:2])), id="another signature"),
        pytest.param(ran(HERE, attempt(Outcome.HANG), python="3.11.8"), id="another Python"),
        pytest.param(ran(HERE, attempt(Outcome.HANG), packages=[("vcrpy", "8.1.2")]), id="another package"),
        pytest.param(unavailable(HERE), id="unavailable"),
    ],
)
def test_seeing_something_else_replaces_the_line(other: CellResult) -> None:
    assert merged([HANGS], [other]) == (other,)


def test_another_outcome_of_one_test_replaces_the_line() -> None:
    before, after = (
        ran(HERE, attempt(tests=[did("t.py::test_a", outcome)])) for outcome in (TestOutcome.PASS, TestOutcome.FAIL)
    )
    assert merged([before], [after]) == (after,)


def test_lines_of_other_cells_stay(tmp_path: Path) -> None:
    other = ran(cell(python="3.12", vcrpy="8.1.1"), attempt())
    publish(tmp_path, [other])
    publish(tmp_path, [HANGS])
    assert load(tmp_path) == (HANGS, other)


def test_publishing_nothing_makes_nothing(tmp_path: Path) -> None:
    publish(tmp_path / "records", [])
    assert not (tmp_path / "records").exists()
    assert load(tmp_path / "records") == ()


def test_the_paths_of_a_machine_and_the_index_of_a_firm_stay_at_home(tmp_path: Path) -> None:
    said = "see /home/me/x/lib/python3.11/site-packages/httpx/_client.py, /tmp/work-12/a.txt and GET /api/v1/users"
    tests = [did("t.py::test_a", TestOutcome.FAIL, said)]
    wheel = "`vcrpy` was found on https://corp.example/simple/vcrpy, but not in the range"
    missing = unavailable(cell(python="3.12", vcrpy="8.1.1"), SkipReason.UNSATISFIABLE, wheel)
    publish(tmp_path, [ran(HERE, attempt(tests=tests)), missing])
    text = (tmp_path / "vcr-pool.jsonl").read_text(encoding="utf-8")
    assert "see httpx/_client.py, a.txt and GET /api/v1/users" in text
    assert "`vcrpy` was found on the package index, but" in text
    assert "/home" not in text
    assert "corp" not in text


def test_the_name_of_a_cell_stays_whatever_it_holds(tmp_path: Path) -> None:
    here = cell(FOLDER="/tmp/a/b", python="3.11")  # noqa: S108  a value, not a folder
    publish(tmp_path, [ran(here, attempt())])
    assert load(tmp_path)[0].cell == here


@pytest.mark.parametrize(("line", "why"), [("{", "Invalid JSON"), ('{"cell":{"repro":1}}', "cell.repro")])
def test_a_broken_line_is_named_with_file_and_number(tmp_path: Path, line: str, why: str) -> None:
    publish(tmp_path, [HANGS])
    file = tmp_path / "vcr-pool.jsonl"
    file.write_text(f"{file.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    with pytest.raises(InfraError, match=why) as broken:
        load(tmp_path)
    assert broken.value.place == f"{file}:2"


def test_the_store_of_this_machine_wins_over_what_is_published() -> None:
    other = ran(cell(python="3.12", vcrpy="8.1.1"), attempt())
    mine = seen_again(HANGS)
    assert combined([mine], [other, HANGS]) == (mine, other)
