"""Is this machine ready: what works, what is missing, what that means, and the remedy."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bisectrix.containers.canary import examine
from bisectrix.errors import BisectrixError
from bisectrix.model.environment import Interpreter, Unavailable
from bisectrix.model.words import LimitKind
from bisectrix.resolve.releases import releases
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.uv import Uv
from bisectrix.supervise.command import run_command
from bisectrix.supervise.containment.machine import Machine
from bisectrix.supervise.python_stacks import find_py_spy

VERSION_TIMEOUT_S = 10
LOW_DISK_GIB = 2
GIB = 2**30


class Health(StrEnum):
    """How one thing that we rely on is doing."""

    OK = "ok"
    LIMITED = "limited"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing looked at; `required` when nothing runs without it."""

    name: str
    health: Health
    found: str
    remedy: str = ""
    required: bool = False


def check_uv(uv: Uv) -> Check:
    """Say which uv resolves and installs."""
    return Check(name="uv", health=Health.OK, found=f"{uv.version} ({uv.path})", required=True)


def check_interpreters(interpreters: Sequence[Interpreter]) -> Check:
    """List the Pythons that cells can run on."""
    found = ", ".join(f"{python.version} ({python.source})" for python in interpreters)
    return Check(
        name="interpreters",
        health=Health.OK if interpreters else Health.MISSING,
        found=found or "none that runs",
        remedy="" if interpreters else "uv python install 3.12",
        required=True,
    )


def check_index(settings: IndexSettings) -> Check:
    """Ask the package index for one well-known project."""
    try:
        newest = releases("packaging", "", settings)[-1]
    except BisectrixError as error:
        return Check(name="package index", health=Health.MISSING, found=error.message, remedy=error.hint, required=True)
    found = "; ".join((f"answers (packaging {newest})", *settings.notes))
    return Check(name="package index", health=Health.OK, found=found, required=True)


def check_engine(cache: Path) -> Check:
    """Ask for a container engine; cells on the host need none."""
    found = examine(os.environ, cache)
    if isinstance(found, Unavailable):
        explanation = f"{found.explanation}; cells on the host need none"
        return Check(name="container engine", health=Health.MISSING, found=explanation, remedy=found.remedy)
    about = found.about
    rootless = ", rootless" if about.rootless else ""
    text = f"{about.name} {about.version}, API {about.api}, control groups {about.cgroups}{rootless}"
    match found.limits_hold:
        case True:
            return Check(name="container engine", health=Health.OK, found=f"{text}; limits of containers hold")
        case False:
            return Check(
                name="container engine",
                health=Health.LIMITED,
                found=f"{text}; limits of containers do not hold: memory and processes are only watched",
                remedy="a rootless engine needs control groups 2 with the memory and pids controllers delegated to you",
            )
        case None:
            why = found.trouble or "no image was used here yet"
            return Check(name="container engine", health=Health.OK, found=f"{text}; limits not tried: {why}")


def check_stacks() -> Check:
    """Say whether Python stacks of other processes can be read."""
    py_spy = find_py_spy()
    if py_spy is None:
        return Check(name="py-spy", health=Health.MISSING, found="not found", remedy="pip install py-spy")
    version = run_command((str(py_spy), "--version"), env={}, deadline_s=VERSION_TIMEOUT_S).stdout.strip()
    return Check(name="py-spy", health=Health.OK, found=version)


def check_ptrace(proc: Path = Path("/proc")) -> Check:
    """Say whether the kernel lets us look into cells, as stacks and wait states need."""
    scope_file = proc / "sys/kernel/yama/ptrace_scope"
    if not proc.is_dir():
        return Check(name="ptrace", health=Health.LIMITED, found="no /proc: waits cannot be read, only stacks compared")
    scope = scope_file.read_text().strip() if scope_file.exists() else "0"
    if scope == "0" or os.geteuid() == 0:
        return Check(name="ptrace", health=Health.OK, found="allowed")
    return Check(
        name="ptrace",
        health=Health.LIMITED,
        found=f"kernel.yama.ptrace_scope is {scope}: only the main process of a cell can be looked into",
        remedy="sudo sysctl kernel.yama.ptrace_scope=0",
    )


def check_containment(machine: Machine) -> Check:
    """Say what holds the processes of a cell together here, which limits the kernel enforces, and what that means."""
    kind = machine.best
    bounds = machine.bounds(kind)
    network = ", a network of their own" if machine.walls and machine.walls.network else ""
    namespaces = f"namespaces of pids, mounts and shared memory{network}" if machine.walls else "no namespaces"
    enforced = f"the kernel bounds {' and '.join(sorted(bounds))}" if bounds else "the kernel bounds nothing"
    if LimitKind.PROCESSES in bounds and machine.walls:
        return Check(
            name="containment", health=Health.OK, found=f"{kind}: {namespaces}; {enforced}, the rest is watched"
        )
    meaning = "" if LimitKind.PROCESSES in bounds else "; untrusted repros are refused"
    return Check(
        name="containment",
        health=Health.LIMITED,
        found=f"{kind}: {namespaces}; {enforced}, the rest is watched{meaning} ({'; '.join(machine.refusals)})",
        remedy="allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0), start bisectrix "
        "with systemd-run --user --scope -p Delegate=yes, or run cells in containers",
    )


def check_disk(cache: Path) -> Check:
    """Say where environments are kept and how much room is left there."""
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free_gib = shutil.disk_usage(existing).free / GIB
    health = Health.OK if free_gib >= LOW_DISK_GIB else Health.LIMITED
    remedy = "" if health is Health.OK else "free some room, or set XDG_CACHE_HOME to a larger disk"
    return Check(name="cache", health=health, found=f"{cache}, {free_gib:.0f} GiB free", remedy=remedy)


def check_harness() -> Check:
    """Say which Python runs bisectrix itself."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(name="harness", health=Health.OK, found=f"Python {version} on {sys.platform}", required=True)
