# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""Two writers of one database; the look-alike locks a table against itself, or cannot open."""

import sqlite3
import sys
import tempfile
from pathlib import Path


def two_writers():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.db"
        first = sqlite3.connect(file, isolation_level=None)
        first.execute("create table orders (id integer)")
        first.execute("begin immediate")
        sqlite3.connect(file, timeout=0.2).execute("insert into orders values (1), (2)")


def no_folder():
    sqlite3.connect("no-such-folder/orders.db").execute("select 1")


def own_table():
    first = sqlite3.connect(":memory:")
    first.executescript("create table orders (id integer); insert into orders values (1), (2)")
    first.execute("select * from orders").fetchmany(0)
    reading = first.execute("select * from orders")
    next(reading)
    first.execute("drop table orders")


FACES = {"true": two_writers, "lookalike": no_folder, "lookalike-table": own_table}


FACES[sys.argv[1]]()
