"""Kills the harness at random moments of a run, again and again, and looks at what is left each time.

    python scripts/soak_kill.py --kills 200 --seed 1

After each kill nothing of the run may be alive two seconds later, the store must be whole and hold all that it held
before, and the run that is started next must go on from there. A matrix that is complete is begun anew.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
MARK = "SOAK_MARK"
GONE_WITHIN_S = 2.0
RUN_WITHIN_S = 300.0
ATTEMPTS = 2

HEAD = """# /// script
# requires-python = ">=3.8"
# dependencies = []
#
# [tool.bisectrix]
# title = "{name}"
# matrices = ["many"]
# attempts = {attempts}
# env = {{ {variable} = "{mark}" }}
#
# [tool.bisectrix.bug]
# kind = "hang"
#
# [tool.bisectrix.limits]
# deadline_s = 20
# quiet_s = 2
# ///
"""
MATRIX = """title = "A few cells"
set = "quick"

[axes]
python = "current"

[axes.env]
NUMBER = ["1", "2", "3"]
"""
SUBJECTS: Mapping[str, str] = {
    "passes": "print('fine')",
    "sleeps": "import time; time.sleep(0.7)",
    "fails": "raise SystemExit('no')",
    "hangs": "import threading; threading.Event().wait()",
    "leaks": "import subprocess; subprocess.Popen(['sleep', '3600'], start_new_session=True, env={})",
    "crowds": "import subprocess\nfor p in [subprocess.Popen(['sleep', '0.5']) for _ in range(20)]: p.wait()",
}
CELLS = 3 * len(SUBJECTS)


@dataclass(kw_only=True, slots=True)
class Tally:
    """What was seen, and what should not have been."""

    kills: int = 0
    completed: int = 0
    slowest_end_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """Soak, print, and fail if anything was wrong."""
    parser = argparse.ArgumentParser(description="Kill the harness at random moments and look at what is left.")
    parser.add_argument("--kills", type=int, default=200, help="how often [200]")
    parser.add_argument("--seed", type=int, default=1, help="of the moments [1]")
    options = parser.parse_args()
    with soaked_folder() as folder:
        tally = soak(folder, options.kills, random.Random(options.seed))  # noqa: S311 - moments, not secrets
    print(
        f"{tally.kills} kills, {tally.completed} complete matrices, the last process gone after at most "
        f"{tally.slowest_end_s:.2f} s, {len(tally.wrong)} mistakes"
    )
    print(*tally.wrong, sep="\n")
    sys.exit(bool(tally.wrong))


@contextmanager
def soaked_folder() -> Iterator[Path]:
    """Make a project of planted subjects; its folder marks all that is started for it."""
    with tempfile.TemporaryDirectory(prefix="bisectrix-soak-") as name:
        folder = Path(name)
        for part in ("repros", "matrices"):
            (folder / "project" / part).mkdir(parents=True)
        (folder / "project/matrices/many.toml").write_text(MATRIX, encoding="utf-8")
        for subject, code in SUBJECTS.items():
            head = HEAD.format(name=subject, attempts=ATTEMPTS, variable=MARK, mark=folder.name)
            (folder / f"project/repros/{subject}.py").write_text(head + code + "\n", encoding="utf-8")
        yield folder


def soak(folder: Path, kills: int, moments: random.Random) -> Tally:
    """Kill so many runs; let one in ten come to its end, and then begin the matrix anew."""
    tally, known = Tally(), dict[str, str]()
    finish(folder, tally, known)
    whole_s = timed_run(folder)
    known = {}
    while tally.kills < kills:
        kill_one(folder, moments.uniform(0.0, whole_s), tally)
        known = check_store(folder, tally, known)
        if tally.kills % 10 == 0:
            finish(folder, tally, known)
            shutil.rmtree(folder / "project/results")
            known = {}
    return tally


def timed_run(folder: Path) -> float:
    """Return how long the whole matrix takes, with its environment made already; leaves no results."""
    shutil.rmtree(folder / "project/results")
    started = time.monotonic()
    with started_run(folder) as process:
        process.wait(RUN_WITHIN_S)
    took_s = time.monotonic() - started
    shutil.rmtree(folder / "project/results")
    return took_s


def kill_one(folder: Path, after_s: float, tally: Tally) -> None:
    """Start a run, kill the harness after a while, and see how long what it had started lives on."""
    with started_run(folder) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait(RUN_WITHIN_S)
    killed_at = time.monotonic()
    while (left := alive(folder)) and time.monotonic() < killed_at + RUN_WITHIN_S:
        time.sleep(0.02)
    took_s = time.monotonic() - killed_at
    tally.kills += 1
    tally.slowest_end_s = max(tally.slowest_end_s, took_s)
    if took_s > GONE_WITHIN_S:
        tally.wrong.append(f"kill {tally.kills} after {after_s:.2f} s: the last process was gone {took_s:.2f} s later")
    if left:
        tally.wrong.append(f"kill {tally.kills} after {after_s:.2f} s: still alive: {', '.join(left)}")


def finish(folder: Path, tally: Tally, known: Mapping[str, str]) -> None:
    """Let a run come to its end: every cell must have all its attempts, those known before among them unchanged."""
    with started_run(folder) as process:
        code = process.wait(RUN_WITHIN_S)
    attempts = check_store(folder, tally, known)
    tally.completed += 1
    if code != 0 or len(attempts) != CELLS * ATTEMPTS:
        tally.wrong.append(f"after kill {tally.kills} a run ended with {code} and {len(attempts)} attempts")


@contextmanager
def started_run(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run of the whole matrix."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "PYTHONPATH": str(SOURCE),
        "UV_OFFLINE": "1",
        MARK: folder.name,
    }
    command = [sys.executable, "-m", "bisectrix", "run", "--set", "all"]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            cwd=folder / "project",
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


def alive(folder: Path) -> list[str]:
    """Return the command lines of all that bears the mark or works in the folder, zombies left out."""
    mark = f"{MARK}={folder.name}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                ours = mark in (entry / "environ").read_bytes().split(b"\0")
                ours = ours or os.readlink(entry / "cwd").startswith(str(folder))  # noqa: PTH115 - as the kernel says it
                zombie = (entry / "stat").read_text(errors="replace").rpartition(") ")[2][0] == "Z"
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if ours and not zombie:
                found.append(f"{entry.name} {command}")
    return found


def check_store(folder: Path, tally: Tally, known: Mapping[str, str]) -> dict[str, str]:
    """See that the store is whole and holds what it held; return each attempt with what is recorded of it."""
    file = folder / "project/results/bisectrix.db"
    if not file.exists():
        return {}
    with closing(sqlite3.connect(file)) as store:
        (whole,) = store.execute("PRAGMA integrity_check").fetchone()
        rows = store.execute("SELECT cell, number, document FROM attempts").fetchall()
    attempts = {f"{cell}/{number}": document for cell, number, document in rows}
    if len(rows) > len(attempts):
        tally.wrong.append(f"after kill {tally.kills}: an attempt that was recorded was made again")
    if whole != "ok":
        tally.wrong.append(f"after kill {tally.kills}: {whole}")
    if any(attempts.get(name) != document for name, document in known.items()):
        tally.wrong.append(f"after kill {tally.kills}: an attempt that was recorded is gone, or another")
    return attempts


if __name__ == "__main__":
    main()
