"""The wheels that a lock means on one kind of machine: chosen by name and hash, then fetched, never run."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from packaging.markers import Environment
from packaging.pylock import Package, PackageWheel, Pylock, PylockSelectError
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name

from bisectrix.errors import InfraError
from bisectrix.model.lock import Lock
from bisectrix.resolve.pages import content_of, files_of
from bisectrix.resolve.portable import validated
from bisectrix.resolve.settings import IndexSettings

LARGEST_MIB = 2000
AT_ONCE = 8

OLDEST_GLIBC = 5  # of 2.x: what `manylinux1` means; newer architectures have nothing that old, which does no harm
LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
GLIBC = re.compile(r"glibc 2\.(?P<minor>\d+)")
MUSL = re.compile(r"musl 1\.(?P<minor>\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A Python for which wheels are chosen.

    Attributes:
        python: full version of a CPython, `3.12.1`.
        platform: `linux-x86_64`.
        libc: `glibc 2.36` or `musl 1.2`; empty admits only wheels that need none.
    """

    python: str
    platform: str
    libc: str

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor = self.python.split(".")[:2]
        return int(major), int(minor)

    @property
    def machine(self) -> str:
        """`x86_64`."""
        return self.platform.partition("-")[2]

    def tags(self) -> tuple[Tag, ...]:
        """Return the tags of the wheels that it installs, the most wanted first."""
        platforms = tuple(platform_tags(self.machine, self.libc))
        name = "cp{}{}".format(*self.release)
        own = cpython_tags(self.release, abis=[name], platforms=platforms)
        return (*own, *compatible_tags(self.release, interpreter=name, platforms=platforms))

    def environment(self) -> Environment:
        """Return what markers ask for."""
        system = self.platform.partition("-")[0]
        return Environment(
            implementation_name="cpython",
            implementation_version=self.python,
            os_name="posix",
            platform_machine=self.machine,
            platform_python_implementation="CPython",
            platform_release="",
            platform_system=system.capitalize(),
            platform_version="",
            python_full_version=self.python,
            python_version=".".join(map(str, self.release)),
            sys_platform=system,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedWheel:
    """A file that a lock names."""

    package: str
    file: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NoWheel:
    """A package that has none for a target; `why` is one clause."""

    package: str
    why: str


def platform_tags(machine: str, libc: str) -> Iterator[str]:
    """Yield the platforms of wheels that a Linux with this C library loads, the most wanted first."""
    yield f"linux_{machine}"
    if found := GLIBC.fullmatch(libc):
        for minor in range(int(found["minor"]), OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{machine}"
            if minor in LEGACY:
                yield f"{LEGACY[minor]}_{machine}"
    if found := MUSL.fullmatch(libc):
        yield from (f"musllinux_1_{minor}_{machine}" for minor in range(int(found["minor"]), -1, -1))


def locked_wheels(lock: Lock, target: Target) -> tuple[LockedWheel | NoWheel, ...]:
    """Return what the target installs of a lock, in the order of the lock.

    Raises:
        InfraError: the lock is not valid.
    """
    pylock = validated(lock.text)
    return tuple(found for package in pylock.packages for found in _selected(pylock, package, target))


def _selected(lock: Pylock, package: Package, target: Target) -> Iterator[LockedWheel | NoWheel]:
    alone = Pylock(lock_version=lock.lock_version, created_by=lock.created_by, packages=[package])
    try:
        for found, file in alone.select(environment=target.environment(), tags=target.tags()):
            yield _locked(found, file)
    except PylockSelectError:
        yield NoWheel(package=package.name, why=f"no wheel of {package.name} fits {target.platform}")


def _locked(package: Package, file: object) -> LockedWheel | NoWheel:
    if not isinstance(file, PackageWheel):
        return NoWheel(package=package.name, why=f"{package.name} comes as source")
    sha256 = file.hashes.get("sha256", "")
    return LockedWheel(package=package.name, file=file.filename, sha256=sha256)


def fetch_wheels(wheels: Sequence[LockedWheel], settings: IndexSettings, cache: Path) -> tuple[Path, ...]:
    """Return the wheels as files below `cache`, in the order given; what is there already is not asked for.

    Raises:
        InfraError: the index has no such file any more, does not answer, or gives something else.
    """
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="wheel") as pool:
        return tuple(pool.map(partial(_fetched, settings=settings, cache=cache), wheels))


def _fetched(wheel: LockedWheel, settings: IndexSettings, cache: Path) -> Path:
    place = cache / wheel.sha256[:2] / wheel.sha256[2:] / wheel.file
    if place.is_file() and _digest(place.read_bytes()) == wheel.sha256:
        return place
    content = _downloaded(wheel, settings)
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".")
    with os.fdopen(handle, "wb") as draft:
        draft.write(content)
    Path(name).replace(place)
    return place


def _downloaded(wheel: LockedWheel, settings: IndexSettings) -> bytes:
    offered = files_of(canonicalize_name(wheel.package), settings) or ()
    same_name = [file for file in offered if file.filename == wheel.file]
    for file in sorted(same_name, key=lambda file: file.digests.get("sha256") != wheel.sha256):
        content = content_of(file, settings, most_mib=LARGEST_MIB)
        if _digest(content) == wheel.sha256:
            return content
    raise InfraError(
        "the package index has another file of this name" if same_name else "the package index does not have this file",
        place=wheel.file,
        hint=f"it must have the SHA-256 {wheel.sha256}; an index or a folder that has it will do",
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
