# /// script
# requires-python = "==3.12.*"
# dependencies = ["duckdb==1.3.2"]
# ///
"""Two processes open one database; the look-alike opens a file that is none."""

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb


def two_processes():
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "orders.duckdb")
        holder = duckdb.connect(file)
        subprocess.run([sys.executable, "-c", f"import duckdb; duckdb.connect({file!r})"])
        holder.close()


def no_database():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.duckdb"
        file.write_bytes(b"not a database" * 1000)
        duckdb.connect(str(file))


FACES = {"true": two_processes, "lookalike": no_database}


FACES[sys.argv[1]]()
