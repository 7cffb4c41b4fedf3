"""The Pythons of this machine: whatever runs and answers is one, whatever does not is none."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from packaging.version import Version

from bisectrix.environments.answers import Answer, Answers
from bisectrix.errors import InfraError
from bisectrix.model.environment import IN_IMAGE, Interpreter, Unavailable
from bisectrix.model.words import SkipReason
from bisectrix.supervise.command import run_command

OLDEST = Version("3.8")  # the oldest that uv installs for and that the in-cell probe runs on
ANSWER_DEADLINE_S = 20.0
ANSWERS = "interpreters-2.json"  # a new number whenever the question asks for more
AT_ONCE = 4

SOURCES = ("uv", "pyenv", "system", "path", "running", IN_IMAGE)  # of equal versions, the earlier is taken
SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin"))
PYTHON_NAME = re.compile(r"(?:python|pypy)(?:3(?:\.\d+)?t?)?")

CPYTHON = "cpython"
QUESTION = """
import importlib.machinery, json, os, sys
level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(sys.version_info.releaselevel)
version = "%d.%d.%d" % sys.version_info[:3] + ("%s%d" % (level, sys.version_info.serial) if level else "")
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (AttributeError, OSError, ValueError):
    libc = ""
free_threaded = "+freethreaded" if "t" in getattr(sys, "abiflags", "") else ""
print(json.dumps({
    "version": version,
    "implementation": sys.implementation.name + free_threaded,
    "platform": "%s-%s" % (sys.platform, os.uname().machine),
    "build": " ".join(sys.version.split()[1:]),
    "abi": importlib.machinery.EXTENSION_SUFFIXES[0].split(".")[1],
    "libc": libc,
}))
"""


def find_interpreters(
    environ: Mapping[str, str],
    *,
    cache: Path,
    home: Path | None = None,
    system: Sequence[Path] = SYSTEM_FOLDERS,
    running: Path | None = None,
) -> tuple[Interpreter, ...]:
    """Return every Python of the machine, the oldest first, each executable once.

    Each candidate is run once to see whether it is one; what it said is kept in `cache` until its file
    changes, so a second look starts no process.

    Args:
        environ: variables of the caller, for the PATH and for where uv and pyenv keep their Pythons.
        cache: a folder of ours.
        home: the caller's, where `environ` does not say.
        system: folders looked into although they are not on the PATH.
        running: the Python that runs the harness; None means the one that does.
    """
    home = Path(environ.get("HOME") or home or Path.home())
    running = running or Path(getattr(sys, "_base_executable", sys.executable))
    candidates = _distinct(_candidates(environ, home, system, running))
    answers = Answers(cache / ANSWERS)
    _ask(answers, [path for path in candidates if not answers.knows(path)])
    found = (_interpreter(path, source, answers.get(path)) for path, source in candidates.items())
    return tuple(sorted((python for python in found if python is not None), key=_age))


def usable(interpreters: Iterable[Interpreter]) -> tuple[Interpreter, ...]:
    """Return those that "every Python found" means: CPython, released, with its global lock."""
    return tuple(python for python in interpreters if _is_ordinary(python) and not _is_pre_release(python))


def choose(interpreters: Iterable[Interpreter], minor: str) -> Interpreter | Unavailable:
    """Return the newest patch release of a minor version, `3.12`; a pre-release only where there is no other.

    Other implementations and builds without the global lock are not taken for it: a cell says `3.12` and means CPython.
    """
    of_minor = [python for python in interpreters if python.minor == minor]
    ordinary = [python for python in of_minor if _is_ordinary(python)]
    if ordinary:
        return max(ordinary, key=lambda python: (not _is_pre_release(python), _age(python)))
    others = ", ".join(f"{python.implementation} {python.version}" for python in of_minor)
    return Unavailable(
        reason=SkipReason.NO_INTERPRETER,
        explanation=f"no interpreter {minor}" + (f", only {others}" if others else ""),
        remedy=f"uv python install {minor}",
    )


def exactly(interpreters: Iterable[Interpreter], version: str) -> Interpreter | None:
    """Return the CPython of this very version, `3.12.1`."""
    same = [python for python in interpreters if _is_ordinary(python) and python.version == version]
    return max(same, key=_age, default=None)


def nearest_patch(interpreters: Iterable[Interpreter], version: str) -> Interpreter | None:
    """Return the CPython of the same minor version whose patch release is nearest, of two the newer."""
    wanted = Version(version)
    minor = wanted.release[:2]
    near = [python for python in interpreters if _is_ordinary(python) and Version(python.version).release[:2] == minor]
    newest_first = sorted(near, key=_age, reverse=True)
    return min(newest_first, key=lambda python: abs(Version(python.version).micro - wanted.micro), default=None)


def _candidates(
    environ: Mapping[str, str], home: Path, system: Sequence[Path], running: Path
) -> Iterator[tuple[Path, str]]:
    """Yield path and source; those of the best source first. pyenv's shims stand for what is found without them."""
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    managed = Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
    yield from ((path, "uv") for path in sorted(managed.glob("*/bin/python3")))
    for root in dict.fromkeys((pyenv, home / ".pyenv")):
        yield from ((path, "pyenv") for path in sorted(root.glob("versions/*/bin/python")))
    yield from ((path, "system") for folder in system for path in _pythons_in(folder))
    on_path = (Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder)
    yield from ((path, "path") for folder in on_path if folder != pyenv / "shims" for path in _pythons_in(folder))
    yield running, "running"


def _pythons_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if PYTHON_NAME.fullmatch(path.name))
    except OSError:
        return []


def _distinct(candidates: Iterable[tuple[Path, str]]) -> dict[Path, str]:
    """Keep each executable once, with the best of its sources; a virtual environment stands for what it was made of."""
    distinct: dict[Path, str] = {}
    for path, source in candidates:
        base = _base(path)
        if base is not None and base.is_file() and os.access(base, os.X_OK):
            distinct.setdefault(base.resolve(), source)
    return distinct


def _base(path: Path) -> Path | None:
    configuration = path.parent.parent / "pyvenv.cfg"
    try:
        lines = configuration.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return path
    homes = (value.strip() for key, equals, value in map(_parts, lines) if equals and key.strip() == "home")
    return next((Path(folder) / "python3" for folder in homes), None)


def _parts(line: str) -> tuple[str, str, str]:
    return line.partition("=")


def _ask(answers: Answers, paths: Sequence[Path]) -> None:
    if paths:
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="interpreter") as pool:
            asked = {path: pool.submit(_answer, path) for path in paths}
        for path, answer in asked.items():
            with suppress(InfraError):  # too slow, or not startable: perhaps only today, so it is not remembered
                answers.put(path, answer.result())
        answers.save()


def _answer(path: Path) -> Answer | None:
    """Run it; None when it is no Python that we know how to use."""
    done = run_command((str(path), "-I", "-S", "-c", QUESTION), env={}, deadline_s=ANSWER_DEADLINE_S)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return None
    complete = isinstance(answer, dict) and {"version", "implementation", "platform"} <= answer.keys()
    return answer if complete and done.exit_code == 0 else None


def _interpreter(path: Path, source: str, answer: Answer | None) -> Interpreter | None:
    if answer is None or Version(answer["version"]) < OLDEST:
        return None
    return Interpreter(
        path=path,
        version=answer["version"],
        implementation=answer["implementation"],
        platform=answer["platform"],
        source=source,
        build=answer.get("build", ""),
        abi=answer.get("abi", ""),
        libc=answer.get("libc", ""),
    )


def _age(python: Interpreter) -> tuple[Version, int, str]:
    return Version(python.version), -SOURCES.index(python.source), str(python.path)


def _is_ordinary(python: Interpreter) -> bool:
    return python.implementation == CPYTHON


def _is_pre_release(python: Interpreter) -> bool:
    return Version(python.version).is_prerelease
