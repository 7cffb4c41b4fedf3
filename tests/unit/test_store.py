"""The results store: what goes in comes out, and files that are not ours are left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bisectrix.errors import InfraError, StoreError
from bisectrix.model.attempt import Attempt
from bisectrix.model.result import CellResult, Ran
from bisectrix.model.words import Outcome, TestOutcome
from bisectrix.record.schema import steps
from bisectrix.record.store import Store
from support.results import attempt, cell, did, digest, ran, unavailable

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HERE = cell(python="3.11", vcrpy="8.1.1")
KEY = digest("key")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results" / "bisectrix.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def begin(store: Store) -> int:
    return store.begin_run(command="bisectrix run", started_at=NOW)


def save(store: Store, run: int, *attempts: Attempt, key: str = KEY) -> None:
    for one in attempts:
        store.save_attempt(run, HERE, "full", key, digest("repro"), one)


def save_all(store: Store, run: int, result: CellResult) -> None:
    if isinstance(result.state, Ran):
        for one in result.state.attempts:
            store.save_attempt(run, result.cell, result.matrix, result.state.key, result.repro_sha256, one)
    store.save_result(run, result)


def test_an_attempt_comes_back_as_it_went_in(store: Store) -> None:
    tests = [did("t.py::test_a[\x00 é]", TestOutcome.HANG, frames=attempt(Outcome.HANG).chain)]
    saved = [attempt(outcome, number, tests=tests) for number, outcome in enumerate(list(Outcome)[:5], start=1)]
    save(store, begin(store), *saved)
    assert store.attempts(KEY) == tuple(saved)


def test_an_unknown_key_has_no_attempts(store: Store) -> None:
    assert store.attempts(KEY) == ()


def test_a_later_run_continues_a_series(store: Store) -> None:
    save(store, begin(store), attempt(number=1), attempt(number=2))
    save(store, begin(store), attempt(Outcome.HANG, 3))
    assert [one.outcome for one in store.attempts(KEY)] == [Outcome.PASS, Outcome.PASS, Outcome.HANG]


def test_a_new_number_one_begins_a_new_series_however_short(store: Store) -> None:
    save(store, begin(store), *(attempt(number=number) for number in (1, 2, 3)))
    save(store, begin(store), attempt(Outcome.HANG, 1))
    assert [one.outcome for one in store.attempts(KEY)] == [Outcome.HANG]


def test_two_runs_at_once_with_the_same_key_do_not_mix(store: Store) -> None:
    ours, theirs = begin(store), begin(store)
    for number in (1, 2):
        save(store, ours, attempt(number=number))
        save(store, theirs, attempt(Outcome.HANG, number))
    assert [one.outcome for one in store.attempts(KEY)] == [Outcome.HANG, Outcome.HANG]


def test_a_series_ends_at_its_first_gap(store: Store) -> None:
    save(store, begin(store), attempt(number=1), attempt(number=3))
    assert [one.number for one in store.attempts(KEY)] == [1]


def test_the_same_number_twice_in_a_run_is_refused(store: Store) -> None:
    run = begin(store)
    save(store, run, attempt())
    with pytest.raises(StoreError, match="UNIQUE"):
        save(store, run, attempt(Outcome.HANG))
    assert store.attempts(KEY) == (attempt(),)


def test_the_latest_result_of_each_cell_comes_back(store: Store) -> None:
    run = begin(store)
    save_all(store, run, ran(HERE, attempt()))
    newer = ran(HERE, attempt(Outcome.HANG), attempt(Outcome.PASS))
    save_all(store, begin(store), newer)
    missing = unavailable(cell("other", python="3.12"))
    store.save_result(run, missing)
    assert store.results() == (missing, newer)
    assert store.results("vcr-pool") == (newer,)


def test_a_result_that_is_known_is_not_written_again(store: Store, path: Path) -> None:
    result = ran(HERE, attempt())
    save_all(store, begin(store), result)
    store.save_result(begin(store), replace(result, finished_at="2027-01-01T00:00:00Z"))
    assert count(path, "results") == 1
    assert store.results() == (result,)


def test_a_result_whose_attempts_were_never_saved_is_refused_whole(store: Store, path: Path) -> None:
    run = begin(store)
    with pytest.raises(StoreError, match="never saved"):
        store.save_result(run, ran(HERE, attempt()))
    assert count(path, "results") == 0


def test_two_cells_that_are_the_same_thing_share_their_attempts(store: Store, path: Path) -> None:
    run = begin(store)
    one = ran(HERE, attempt(Outcome.HANG))
    save_all(store, run, one)
    twin = replace(one, cell=cell(python="3.11", resolution="highest", vcrpy="8.1.1"))
    store.save_result(run, twin)
    assert set(store.results()) == {one, twin}
    assert count(path, "attempts") == 1


def test_durations_are_those_of_one_attempt(store: Store) -> None:
    save_all(store, begin(store), ran(HERE, attempt(duration_s=1.0), attempt(duration_s=3.0)))
    assert store.durations() == {HERE.name: 2.0}


def test_a_run_that_was_not_ended_can_be_told(store: Store, path: Path) -> None:
    killed, ended = begin(store), begin(store)
    store.end_run(ended, ended_at=NOW)
    rows = query(path, "SELECT id, ended_at FROM runs ORDER BY id")
    assert rows == [(killed, None), (ended, "2026-01-02T03:04:05Z")]


def test_any_sql_client_can_read_the_views(store: Store, path: Path) -> None:
    tests = [did("t.py::test_a", TestOutcome.FAIL, "boom")]
    save_all(store, begin(store), ran(HERE, attempt(Outcome.HANG, tests=tests), attempt()))
    assert query(path, "SELECT cell, verdict, flaky, attempts, outcomes FROM cells_latest") == [
        (HERE.name, "bad", 1, 2, "hang 1, pass 1")
    ]
    assert query(path, "SELECT cell, number, nodeid, outcome, message FROM tests_latest") == [
        (HERE.name, 1, "t.py::test_a", "fail", "boom")
    ]
    assert query(path, "SELECT name, version FROM packages") == [("vcrpy", "8.1.1")]
    assert query(path, "SELECT axis, value FROM coordinates ORDER BY axis") == [("python", "3.11"), ("vcrpy", "8.1.1")]
    assert query(path, "SELECT kind, size_bytes FROM evidence") == [("stdout", 7), ("stdout", 7)]


def test_every_column_is_explained_in_the_documentation(store: Store, path: Path) -> None:
    assert store.results() == ()
    page = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0].strip("` "): part for part in page.split("\n### ")}
    for table in columns_of(path, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"):
        for column in columns_of(path, f"PRAGMA table_info({table})", at=1):
            assert f"`{column}`" in sections[table], (table, column)


def test_many_threads_write_at_once(store: Store) -> None:
    run = begin(store)
    keys = [digest(str(number)) for number in range(8)]

    def work(key: str) -> None:
        save(store, run, *(attempt(number=number) for number in range(1, 6)), key=key)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, keys))
    assert [len(store.attempts(key)) for key in keys] == [5] * 8


def test_a_newer_schema_is_refused_and_left_alone(store: Store, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"version 99, this program knows 1") as refused:
        Store.open(path)
    assert "upgrade bisectrix" in refused.value.hint
    assert path.read_bytes() == before


def test_an_older_schema_is_migrated_with_what_it_holds(store: Store, path: Path) -> None:
    save(store, begin(store), attempt())
    store.close()
    newer = (*steps(), "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none';")
    with Store.open(path, migrations=newer) as migrated:
        assert migrated.attempts(KEY) == (attempt(),)
    assert query(path, "SELECT note FROM runs") == [("none",)]
    assert query(path, "PRAGMA user_version") == [(2,)]
    with pytest.raises(StoreError, match="newer bisectrix"):
        Store.open(path)


def test_a_migration_that_fails_changes_nothing(store: Store, path: Path) -> None:
    store.close()
    broken = (*steps(), "CREATE TABLE half (a);\nCREATE TABLE half (a);")
    with pytest.raises(StoreError, match="half"):
        Store.open(path, migrations=broken)
    assert query(path, "PRAGMA user_version") == [(1,)]
    assert query(path, "SELECT count(*) FROM sqlite_master WHERE name = 'half'") == [(0,)]


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Store.open(path) as opened:
        assert opened.results() == ()


def test_a_damaged_file_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="is damaged") as refused:
        Store.open(path)
    assert "move it elsewhere" in refused.value.hint
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_database_of_somebody_else_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not one of bisectrix"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_our_failure(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file", encoding="utf-8")
    with pytest.raises(InfraError):
        Store.open(tmp_path / "results" / "bisectrix.db")


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def columns_of(path: Path, sql: str, *, at: int = 0) -> list[str]:
    return [str(row[at]) for row in query(path, sql)]


def count(path: Path, table: str) -> object:
    return query(path, f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608  a table of ours
