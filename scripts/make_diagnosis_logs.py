"""Make the logs that the diagnosis rules are tested against: run each program and keep what it printed.

Needs uv, Python 3.12 and the package index. `python scripts/make_diagnosis_logs.py [RULE]...`
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "diagnose"
PROGRAMS, LOGS = TESTS / "programs", TESTS / "logs"
DEADLINE_S = 600
PREFECT = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_LOGGING_TO_API_ENABLED": "false"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Borrowed:
    """A log that a repro of this tree makes.

    Attributes:
        uv: options of `uv run` that choose the releases.
        command: relative to `repros/`.
    """

    log: str
    uv: tuple[str, ...]
    command: tuple[str, ...]


def _lease(log: str, release: str, cause: str) -> Borrowed:
    return Borrowed(log=log, uv=("--with", f"prefect=={release}"), command=("lost-lease/main.py", cause))


def _runner(face: str, release: str, before: str, count: int = 5) -> Borrowed:
    return Borrowed(
        log=f"runner-entered-twice.{face}",
        uv=("--with", f"prefect=={release}", "--with", "anyio<4.14", "--exclude-newer", before),
        command=("runner-concurrency/main.py", "--way", "enter-together", "--count", str(count)),
    )


BORROWED = (
    _lease("lost-lease.true-revoked", "3.6.21", "revoked"),
    _lease("lost-lease.true-one-500", "3.6.21", "one-500"),
    _lease("lost-lease.true-blocked-loop", "3.6.21", "blocked-loop"),
    _lease("lost-lease.lookalike", "3.6.21", "revoked-not-strict"),
    _lease("lease-lost-continues.true", "3.6.21", "revoked-not-strict"),
    _lease("lease-lost-continues.lookalike", "3.6.21", "revoked"),
    _runner("true-3.4.17", "3.4.17", "2025-09-08T00:00:00Z"),
    _runner("true-3.4.18", "3.4.18", "2025-09-20T00:00:00Z"),
    _runner("true-3.6.21", "3.6.21", "2026-03-12T00:00:00Z"),
    _runner("true-scope", "3.6.9", "2026-01-06T00:00:00Z", count=2),
    _runner("true-exceptions", "3.6.21", "2026-03-12T00:00:00Z", count=2),
)


def main(names: list[str]) -> None:
    """Make the logs of the rules that are named, of all without a name."""
    LOGS.mkdir(exist_ok=True)
    for log, command, environ in _runs():
        if names and rule_of(log) not in names:
            continue
        text = neutral(_output(command, environ))
        (LOGS / f"{log}.log").write_text(text, encoding="utf-8")
        print(f"{log}: {len(text.splitlines())} lines", flush=True)


def rule_of(log: str) -> str:
    """`sqlite-locked` of `sqlite-locked.true-table`; what follows an @ tells programs of one rule apart."""
    return log.partition(".")[0].partition("@")[0]


def _runs() -> Iterator[tuple[str, list[str], Mapping[str, str]]]:
    for program in sorted(PROGRAMS.glob("*.py")):
        for face in _faces(program):
            yield f"{program.stem}.{face}", ["uv", "run", "-q", "--script", str(program), face], {}
    for one in BORROWED:
        first, *arguments = one.command
        main_file = str(ROOT / "repros" / first)
        yield (
            one.log,
            ["uv", "run", "-q", "--no-project", "-p", "3.12", *one.uv, "python", main_file, *arguments],
            PREFECT,
        )


def _faces(program: Path) -> list[str]:
    return re.findall(r'"((?:true|lookalike)[\w-]*)":', program.read_text(encoding="utf-8"))


def _output(command: list[str], environ: Mapping[str, str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT"))}
        result = subprocess.run(  # noqa: S603  our own programs
            command,
            cwd=folder,
            env={**inherited, **environ, "COLUMNS": "120", "NO_COLOR": "1", "PREFECT_HOME": f"{folder}/home"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=DEADLINE_S,
            check=False,
        )
        return result.stdout.decode("utf-8", "replace").replace(folder, "/app")


def neutral(text: str) -> str:
    """Return a log without what belongs to one machine: folders, ports, numbers of processes, addresses of objects."""
    for pattern, instead in (
        (r"\x1b\[[0-9;]*[A-Za-z]", ""),
        (rf"{re.escape(str(ROOT))}/(?:tests/diagnose/programs|repros)", "/app"),
        (r"[^\s\"'(]*/lib/(?:python3\.12/)?site-packages/", "/env/lib/python3.12/site-packages/"),
        (r"[^\s\"'(]*/lib/python3\.12/(?!site-packages)", "/usr/lib/python3.12/"),
        (r"/tmp/tmp\w+", "/app/tmp"),  # noqa: S108  a pattern, no file
        (r"(?<=127\.0\.0\.1[:', ])( ?)\d{4,5}\b", r"\g<1>8000"),
        (r"\b0x[0-9a-f]{6,}", "0x7f0000000000"),
        (r"(?i)\b(pid[ =:]+)\d+", r"\g<1>100"),
        (rf"{re.escape(str(Path.home()))}(?=/)", "/home/user"),
    ):
        text = re.sub(pattern, instead, text)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
