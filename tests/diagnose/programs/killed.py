# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A program ended by signal 9, as the shell that started it tells; the look-alike's asked it to end."""

import subprocess
import sys


def ended_by(signal):
    script = f"'{sys.executable}' -c 'import os; os.kill(os.getpid(), {signal})'; code=$?; echo exit code $code; true"
    subprocess.run(["bash", "-c", script])


FACES = {"true": lambda: ended_by(9), "lookalike": lambda: ended_by(15)}


FACES[sys.argv[1]]()
