"""`python capsule.pyz`: see a recorded failure again, with nothing but the right Python."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from bisectrix.capsule.contents import REPRO, Contents
from bisectrix.capsule.environment import Environment
from bisectrix.capsule.fitness import Here, misfits, remarks
from bisectrix.capsule.verdict import judge
from bisectrix.capsule.watch import Order, watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

SAME, DIFFERS, NOT_HERE = 0, 1, 5
EPILOG = "exit codes: 0 as recorded, 1 something differs, 2 a mistake in the arguments, 5 it cannot run here"

FOLDERS = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "home/.cache", "XDG_RUNTIME_DIR": "run"}
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


def main(root: Path, arguments: list[str] | None = None) -> int:
    """Run the capsule at `root`, say what was seen, and return the exit code."""
    wish = _parser().parse_args(arguments)
    contents = Contents(root)
    facts = contents.facts
    problems = [f"this capsule is damaged: {name}" for name in contents.damaged()]
    problems += misfits(facts, contents.wheels(), Here())
    if problems:
        for problem in problems:
            print(f"{facts['cell']}: cannot be replayed here: {problem}", file=sys.stderr)
        return NOT_HERE
    if wish.install:
        Environment(wish.install).make(contents)
        return SAME
    for remark in remarks(facts, Here()):
        print(f"note: {remark}", file=sys.stderr)
    signal.signal(signal.SIGTERM, _stop)
    folder = Path(tempfile.mkdtemp(prefix="bisectrix-capsule-"))
    try:
        return _replay(contents, wish, folder)
    finally:
        shutil.rmtree(str(folder), ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="capsule", description=__doc__, epilog=EPILOG)
    parser.add_argument("--times", type=int, default=1, metavar="N", help="run it so often (default: once)")
    parser.add_argument("--output", action="store_true", help="print what the repro printed")
    parser.add_argument("--install", type=Path, metavar="FOLDER", help="only unpack the packages into a folder")
    parser.add_argument("--environment", type=Path, metavar="FOLDER", help="use what --install made")
    return parser


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def _replay(contents: Contents, wish: argparse.Namespace, folder: Path) -> int:
    facts, recorded = contents.facts, contents.facts["recorded"]
    environment = Environment(wish.environment or folder)
    if not wish.environment:
        environment.make(contents)
    same = 0
    for number in range(1, wish.times + 1):
        seen = watch(_order(contents, environment, folder / str(number), number))
        verdict = judge(seen, recorded["looks"], facts["pattern"])
        same += verdict.same
        if wish.output:
            print(seen.output, end="")
        print(f"{facts['cell']}: {verdict.sentence}", flush=True)
    if recorded["flaky"] or wish.times > 1:
        print(f"as recorded in {same} of {wish.times}; in the record {recorded['words']}")
    return SAME if same == wish.times or (same and recorded["flaky"]) else DIFFERS


def _order(contents: Contents, environment: Environment, folder: Path, number: int) -> Order:
    facts: dict[str, Any] = contents.facts
    contents.write(REPRO, folder / "work")
    variables = {name: str(folder / below) for name, below in FOLDERS.items()}
    for path in variables.values():
        Path(path).mkdir(parents=True, exist_ok=True)
    variables.update(
        PATH=f"{environment.bin}:{SYSTEM_PATH}",
        VIRTUAL_ENV=str(environment.root),
        BISECTRIX_ATTEMPT=str(number),
        BISECTRIX_PROBE=str(environment.probe / "tasks.py"),
        BISECTRIX_PROBE_DIR=str(folder / "answers"),
        **facts["variables"],
    )
    return Order([str(environment.python), *facts["command"]], folder, variables, facts)
