"""What a cell sees of the world: a list of variables of our own making, and nothing of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bisectrix.model.environment import Environment

SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")

ALWAYS = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",  # the environment is shared, and its files may be those of uv's cache
    "PYTHONFAULTHANDLER": "1",
    "PYTHONNOUSERSITE": "1",
}

FOLDERS = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_RUNTIME_DIR": "run",
}


def constant_variables(extra: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the variables that are the same in every attempt of a cell, by name; `extra` wins."""
    return tuple(sorted({**ALWAYS, **dict(extra)}.items()))


def cell_variables(
    environment: Environment, scratch: Path, extra: Mapping[str, str], *, inside: Path | None = None
) -> dict[str, str]:
    """Return the whole environment of a cell's process, and make the folders that it names below `scratch`.

    Args:
        environment: whose programs come first on the PATH.
        scratch: a folder that exists and is this attempt's alone.
        extra: what the manifest and the supervisor add; it wins.
        inside: the scratch as the process will see it; None where it sees what we see.
    """
    for below in FOLDERS.values():
        (scratch / below).mkdir(parents=True, exist_ok=True, mode=0o700)
    folders = {name: (inside or scratch) / below for name, below in FOLDERS.items()}
    return {
        "PATH": ":".join((str(environment.python.parent), *SYSTEM_PATH)),
        "VIRTUAL_ENV": str(environment.root),
        **{name: str(folder) for name, folder in folders.items()},
        **ALWAYS,
        **extra,
    }
