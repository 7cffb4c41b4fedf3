"""The working record: SQLite, one transaction an attempt, any number of writers."""

from __future__ import annotations

import os
import platform
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from bisectrix import __version__
from bisectrix.errors import StoreError
from bisectrix.model.attempt import Attempt
from bisectrix.model.environment import Unavailable
from bisectrix.model.matrix import Cell
from bisectrix.model.result import CellResult
from bisectrix.record.files import one_at_a_time
from bisectrix.record.rows import (
    ATTEMPT,
    RESULT,
    Row,
    attempt_document,
    attempt_row,
    evidence_rows,
    result_row,
    test_rows,
    with_attempts,
)
from bisectrix.record.schema import bring_up_to_date, steps

BUSY_S = 30.0
"""How long a write waits for another process; one write takes milliseconds."""

SERIES = """
SELECT number, document, id FROM attempts
WHERE key = :key AND run >= (SELECT max(run) FROM attempts WHERE key = :key AND number = 1)
ORDER BY number, run
"""

OF_RUN = """
SELECT id, document FROM cells_latest
WHERE id IN (SELECT result FROM result_attempts JOIN attempts ON attempt = attempts.id WHERE attempts.run = ?)
ORDER BY cell
"""

RESULT_ATTEMPTS = """
SELECT document FROM attempts JOIN result_attempts ON attempt = id WHERE result = ? ORDER BY number
"""

DURATIONS = """
SELECT cell, avg(duration_s) FROM attempts JOIN result_attempts ON attempt = attempts.id
WHERE result IN (SELECT id FROM cells_latest) GROUP BY cell
"""


class Store:
    """The results database of one project; safe for many threads, and for several processes at once."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Own an open connection; use `open`."""
        self._connection = connection
        self._path = path
        self._guard = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, migrations: Sequence[str] | None = None) -> Self:
        """Open the database, make it where there is none, migrate it where it is older.

        Args:
            path: the file.
            migrations: the steps to the newest version; None means those of this program.

        Raises:
            StoreError: it is newer than this program, damaged, or not ours; nothing is deleted.
        """
        with _translated(path), one_at_a_time(path.parent):
            connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            try:
                bring_up_to_date(connection, path, steps() if migrations is None else migrations)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the file back; later calls fail."""
        with self._guard:
            self._connection.close()

    def begin_run(self, *, command: str, started_at: datetime) -> int:
        """Note that a run has begun, with the facts of this machine, and return its number."""
        facts: Row = {
            "started_at": _rfc3339(started_at),
            "command": command,
            "tool_version": __version__,
            "python": platform.python_version(),
            "platform": f"{platform.system().lower()}-{platform.machine()}",
            "cpu_count": os.cpu_count() or 1,
        }
        with self._writing():
            return self._insert("runs", facts)

    def end_run(self, run: int, *, ended_at: datetime) -> None:
        """Note that a run came to its end; one without this note was killed."""
        with self._writing() as connection:
            connection.execute("UPDATE runs SET ended_at = ? WHERE id = ?", (_rfc3339(ended_at), run))

    def save_attempt(self, run: int, cell: Cell, matrix: str, key: str, repro_sha256: str, attempt: Attempt) -> None:
        """Write one attempt down; it is durable when this returns.

        Raises:
            StoreError: this run has an attempt of that key and number already, or the disk is full.
        """
        with self._writing():
            attempt_id = self._insert("attempts", attempt_row(run, cell, matrix, key, repro_sha256, attempt))
            self._insert_all("tests", test_rows(attempt_id, attempt))
            self._insert_all("evidence", evidence_rows(attempt_id, attempt))
            self._save_coordinates(cell)

    def save_result(self, run: int, result: CellResult) -> None:
        """Write down what is known of a cell; where that is known already, nothing is written.

        Raises:
            StoreError: one of its attempts was never saved, or the disk is full.
        """
        with self._writing():
            known = self._latest(result.cell)
            if known is not None and replace(known, finished_at=result.finished_at) == result:
                return
            self._save_coordinates(result.cell)
            result_id = self._insert("results", result_row(run, result))
            if isinstance(result.state, Unavailable):
                return
            lock = result.state.lock_sha256
            named = ({"lock_sha256": lock, "name": name, "version": version} for name, version in result.state.packages)
            self._insert_all("packages", named)
            ids = (self._attempt_id(result.state.key, attempt) for attempt in result.state.attempts)
            self._insert_all("result_attempts", ({"result": result_id, "attempt": attempt} for attempt in ids))

    def attempts(self, key: str) -> tuple[Attempt, ...]:
        """Return the newest series of attempts of `key`, by number from 1 without a gap.

        A series begins with a number 1; runs that only added attempts to it continue it.
        """
        return tuple(attempt for _, attempt in self.placed_attempts(key))

    def placed_attempts(self, key: str) -> tuple[tuple[int, Attempt], ...]:
        """Return the same, each behind its place among all attempts of the store, which they took as they ended."""
        with self._reading() as connection:
            rows = connection.execute(SERIES, {"key": key}).fetchall()
        newest: dict[int, tuple[int, str]] = {}
        for number, document, place in rows:
            newest.setdefault(number, (place, document))
        whole = takewhile(lambda pair: pair[0] == pair[1][0], enumerate(newest.items(), start=1))
        return tuple((place, ATTEMPT.validate_json(document)) for _, (_, (place, document)) in whole)

    def results(self, repro: str | None = None) -> tuple[CellResult, ...]:
        """Return the latest result of each cell, of one repro or of all, sorted by cell name."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT id, document FROM cells_latest WHERE repro = coalesce(?, repro) ORDER BY cell", (repro,)
            ).fetchall()
            return tuple(self._result(*row) for row in rows)

    def results_of(self, run: int) -> tuple[CellResult, ...]:
        """Return the latest result of each cell that counts an attempt of this run, sorted by cell name."""
        with self._reading() as connection:
            return tuple(self._result(*row) for row in connection.execute(OF_RUN, (run,)).fetchall())

    def latest_run(self) -> int:
        """Return the number of the newest run; 0 where there is none."""
        with self._reading() as connection:
            return int(connection.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()[0])

    def durations(self) -> Mapping[str, float]:
        """Return cell name -> how long one attempt took, on average of those that count now; seconds."""
        with self._reading() as connection:
            return dict(connection.execute(DURATIONS).fetchall())

    def _latest(self, cell: Cell) -> CellResult | None:
        row = self._connection.execute(
            "SELECT id, document FROM results WHERE cell = ? ORDER BY id DESC LIMIT 1", (cell.name,)
        ).fetchone()
        return None if row is None else self._result(*row)

    def _result(self, result_id: int, document: str) -> CellResult:
        attempts = self._connection.execute(RESULT_ATTEMPTS, (result_id,)).fetchall()
        return with_attempts(RESULT.validate_json(document), [ATTEMPT.validate_json(text) for (text,) in attempts])

    def _attempt_id(self, key: str, attempt: Attempt) -> int:
        row = self._connection.execute(
            "SELECT id FROM attempts WHERE key = ? AND number = ? AND document = ? ORDER BY run DESC LIMIT 1",
            (key, attempt.number, attempt_document(attempt)),
        ).fetchone()
        if row is None:
            raise StoreError(f"attempt {attempt.number} of a result was never saved", place=str(self._path))
        return int(row[0])

    def _save_coordinates(self, cell: Cell) -> None:
        rows = ({"cell": cell.name, "axis": axis, "value": value} for axis, value in cell.coordinates)
        self._insert_all("coordinates", rows)

    def _insert(self, table: str, row: Row, *, known: str = "ABORT") -> int:
        columns = ", ".join(row)
        places = ", ".join(f":{column}" for column in row)
        cursor = self._connection.execute(
            f"INSERT OR {known} INTO {table} ({columns}) VALUES ({places})",  # noqa: S608  names are ours
            row,
        )
        return int(cursor.lastrowid or 0)

    def _insert_all(self, table: str, rows: Iterable[Row]) -> None:
        for row in rows:
            self._insert(table, row, known="IGNORE")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._guard, _translated(self._path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the one transaction of this process; what fails inside it leaves no trace."""
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what SQLite says into an error with a place and a hint."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise StoreError(f"refused a write: {error}", place=str(path)) from error
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"cannot be used: {error}",
            place=str(path),
            hint="check free space and permissions, and whether another program holds the file",
        ) from error
    except (sqlite3.DatabaseError, ValidationError) as error:
        raise StoreError(
            f"is damaged: {error}",
            place=str(path),
            hint="move it elsewhere and run again; published results stay, and nothing was deleted",
        ) from error
