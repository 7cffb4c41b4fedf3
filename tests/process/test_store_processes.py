"""The results store under real processes: one killed while it writes, several writing at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bisectrix.record.store import Store

TESTS = Path(__file__).parents[1]


@contextmanager
def writer(path: Path, key: str, count: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start a process that writes attempts, and see it end."""
    command = [sys.executable, "-m", "support.store_writer", str(path), key, *([count] if count else [])]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("told", [1, 7, 20])
def test_a_writer_killed_at_any_moment_loses_nothing_it_has_told(tmp_path: Path, told: int) -> None:
    path = tmp_path / "results" / "bisectrix.db"
    with writer(path, "key") as process:
        assert process.stdout is not None
        for _ in range(told):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        last = told + len(process.stdout.read().splitlines())
    with Store.open(path) as store:
        numbers = [attempt.number for attempt in store.attempts("key")]
        assert numbers in (list(range(1, last + 1)), list(range(1, last + 2)))
        store.begin_run(command="the next one", started_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert _query(path, "PRAGMA integrity_check") == [("ok",)]


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results" / "bisectrix.db"
    with writer(path, "shared", "20") as one, writer(path, "shared", "20") as two, writer(path, "own", "20") as three:
        for process in (one, two, three):
            process.communicate(timeout=60)
            assert process.returncode == 0
    with Store.open(path) as store:
        assert [attempt.number for attempt in store.attempts("shared")] == list(range(1, 21))
        assert len(store.attempts("own")) == 20
    assert _query(path, "SELECT count(*) FROM attempts") == [(60,)]


def _query(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
