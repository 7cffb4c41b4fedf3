"""Whether a capsule can run here: the right Python, a system and a C library that its native packages load on."""

from __future__ import annotations

import os
import platform
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

GLIBC_OF = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}
MANYLINUX = re.compile(r"manylinux_2_(\d+)_")
MUSLLINUX = re.compile(r"musllinux_1_(\d+)_")


class Here:
    """This Python and this machine; every fact can be given instead."""

    def __init__(self, **facts: str) -> None:
        """Look, except where told."""
        self.implementation = facts.get("implementation", sys.implementation.name)
        self.version = facts.get("version", platform.python_version())
        self.system = facts.get("system", sys.platform)
        self.machine = facts.get("machine", platform.machine())
        self.libc = facts["libc"] if "libc" in facts else libc()


def libc() -> str:
    """Return `glibc 2.36`; empty for any other C library."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ""


def misfits(facts: dict[str, Any], wheels: Sequence[str], here: Here) -> Iterator[str]:
    """Yield a sentence for each reason why the capsule cannot run here."""
    python, recorded = facts["python"], facts["platform"]
    minor = ".".join(python["version"].split(".")[:2])
    if here.implementation != python["implementation"] or not here.version.startswith(minor + "."):
        yield (
            f"it needs CPython {minor} (it was recorded with {python['version']}), and this is {here.implementation}"
            f" {here.version}: run it with python{minor}"
        )
    if here.system != recorded["system"]:
        yield f"it was recorded on {recorded['system']}, and this is {here.system}"
    for wheel in wheels:
        yield from _refusals(wheel, here)


def remarks(facts: dict[str, Any], here: Here) -> Iterator[str]:
    """Yield what is not as recorded and need not matter."""
    if here.version != facts["python"]["version"]:
        yield f"recorded with Python {facts['python']['version']}, and this is {here.version}"
    if here.machine != facts["platform"]["machine"]:
        yield f"recorded on {facts['platform']['machine']}, and this is {here.machine}"


def _refusals(wheel: str, here: Here) -> Iterator[str]:
    """Yield why a native wheel cannot be loaded here."""
    package, platforms = wheel.partition("-")[0], wheel[: -len(".whl")].rpartition("-")[2].split(".")
    if platforms == ["any"]:
        return
    if not any(tag.endswith("_" + here.machine) for tag in platforms):
        yield f"{package} is native ({platforms[0]}), and this machine is {here.machine}"
    elif not any(_loads(tag, here.libc) for tag in platforms):
        yield f"{package} is native ({platforms[0]}), and this machine has {here.libc or 'another C library'}"


def _loads(tag: str, has: str) -> bool:
    """Say whether a platform tag is good for a C library."""
    if MUSLLINUX.match(tag):
        return not has.startswith("glibc")
    found = MANYLINUX.match(tag)
    needs = int(found.group(1)) if found else GLIBC_OF.get(tag.partition("_")[0])
    if needs is None:
        return True
    minor = re.match(r"glibc 2\.(\d+)", has)
    return minor is not None and int(minor.group(1)) >= needs
