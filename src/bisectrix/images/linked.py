"""The shared libraries that programs of this machine need, and where they lie in an image."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bisectrix.errors import InfraError
from bisectrix.supervise.command import run_command

LDD_DEADLINE_S = 60.0
LINE = re.compile(r"\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)")
C_LIBRARIES = ("libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1")
LOADED_BY_NAME = (
    *("libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"),  # what wheels for any Linux may count on
    *("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"),
)


def linked(programs: Sequence[Path]) -> tuple[Path, ...]:
    """Return all shared libraries that programs and modules load at their start, with the loader itself.

    Raises:
        InfraError: this machine cannot say.
    """
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    done = run_command(("ldd", *map(str, programs)), env=env, deadline_s=LDD_DEADLINE_S)
    found = {Path(match[1]) for line in done.stdout.splitlines() if (match := LINE.match(line))}
    if not found:
        raise InfraError(
            f"ldd names no library of {programs[0]}: {done.stderr.strip()}",
            hint="images of interpreters can be built on Linux, from interpreters that are linked dynamically",
        )
    return tuple(sorted(found))


def system_folder(libraries: Iterable[Path]) -> Path:
    """Return the folder where the loader looks without being told: that of the C library."""
    return next(library.parent for library in libraries if library.name in C_LIBRARIES)


def copy_libraries(programs: Sequence[Path], root: Path, *, own: Path) -> None:
    """Copy what programs link to, and what is loaded by name later.

    Args:
        programs: programs and modules.
        root: the root of the image.
        own: libraries in this folder, an interpreter's prefix, go to those of the system, where any loader finds them.
    """
    libraries = linked(programs)
    system = system_folder(libraries)
    for library in (*libraries, *_existing(system)):
        place = system / library.name if _is_below(library, own) else library
        copy_file(library, root / place.relative_to("/"))


def copy_file(source: Path, target: Path) -> None:
    """Copy what a path leads to, with its folders."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def _existing(system: Path) -> Iterator[Path]:
    return (system / name for name in LOADED_BY_NAME if (system / name).exists())


def _is_below(library: Path, own: Path) -> bool:
    return own not in {Path("/"), Path("/usr")} and library.is_relative_to(own)
