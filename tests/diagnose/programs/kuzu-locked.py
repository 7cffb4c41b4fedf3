# /// script
# requires-python = "==3.12.*"
# dependencies = ["kuzu==0.11.3"]
# ///
"""Two processes open one database; the look-alike opens a file that is none."""

import subprocess
import sys
import tempfile
from pathlib import Path

import kuzu


def two_processes():
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "orders.kuzu")
        holder = kuzu.Database(file)
        subprocess.run([sys.executable, "-c", f"import kuzu; kuzu.Database({file!r})"])
        holder.close()


def no_database():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.kuzu"
        file.write_bytes(b"not a database" * 1000)
        kuzu.Database(str(file))


FACES = {"true": two_processes, "lookalike": no_database}


FACES[sys.argv[1]]()
