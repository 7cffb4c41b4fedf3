"""Whose bound the kernel enforced on a group: what a group above it lacks, or the machine, is counted in it alike."""

from __future__ import annotations

from pathlib import Path

from bisectrix.supervise import proc

_NEARLY_BYTES = 4 << 20
"""What is asked for at once may be more than the rest of what is allowed."""

_ABOVE = "this machine, or what bisectrix itself runs in,"


def memory_told(group: Path, allowed_mib: int) -> str:
    """Say for want of whose memory something in a group was killed."""
    if met_its_memory(group):
        return f"the kernel killed for more than {allowed_mib} MiB of memory"
    return f"the kernel killed for want of memory below the {allowed_mib} MiB allowed: {_ABOVE} had none left"


def processes_told(group: Path, allowed: int) -> str:
    """Say whose number of processes was reached when something in a group was refused one."""
    peak = _number(group / "pids.peak")
    if peak is None or peak >= allowed:
        return f"the kernel refused more than {allowed} processes and threads at once"
    return (
        f"the kernel refused one more than {peak} processes and threads, below the {allowed} allowed: "
        f"{_ABOVE} had room for no more"
    )


def met_its_memory(group: Path) -> bool:
    """Say whether a group ever had all the memory that it may have; version 1 tells only how much it had."""
    peak = _number(group / "memory.max_usage_in_bytes") or 0
    allowed = _number(group / "memory.limit_in_bytes") or 0
    return count(group / "memory.events", "oom") > 0 or peak > max(0, allowed - _NEARLY_BYTES)


def count(file: Path, name: str) -> int:
    """Return the number behind a word in a file of a group; 0 where there is none."""
    counts = dict(line.split() for line in proc.read(str(file)).decode().splitlines())
    return int(counts.get(name, 0))


def _number(file: Path) -> int | None:
    text = proc.read(str(file)).strip()
    return int(text) if text.isdigit() else None
