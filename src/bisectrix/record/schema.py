"""The shape of the store: made where there is none, migrated where it is older, refused where it is newer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from bisectrix.errors import StoreError

APPLICATION_ID = 1651078002
"""Marks a SQLite file as a store of ours: `bisr` in ASCII."""


def steps() -> tuple[str, ...]:
    """Return the migrations: step n brings version n to n + 1, and the first makes an empty file a store."""
    return (files("bisectrix.record").joinpath("schema.sql").read_text(encoding="utf-8"),)


def bring_up_to_date(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """Migrate to version `len(migrations)`, each step whole or not at all; nobody else may be doing the same.

    Raises:
        StoreError: the file is newer than this program, or no store of ours; nothing is changed.
    """
    version = _number(connection, "user_version")
    if version > len(migrations):
        raise StoreError(
            f"written by a newer bisectrix: its schema is version {version}, this program knows {len(migrations)}",
            place=str(path),
            hint="upgrade bisectrix; nothing was changed",
        )
    if _is_foreign(connection):
        raise StoreError(
            "a SQLite file, but not one of bisectrix",
            place=str(path),
            hint="move it elsewhere; nothing was changed",
        )
    for number, step in enumerate(migrations[version:], start=version + 1):
        _apply(connection, step, number)


def _apply(connection: sqlite3.Connection, step: str, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _is_foreign(connection: sqlite3.Connection) -> bool:
    filled = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    return filled and _number(connection, "application_id") != APPLICATION_ID


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
