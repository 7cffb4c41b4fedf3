"""Whose a container is: labels that name the harness which made it, and whether that one still lives."""

from __future__ import annotations

import os
from pathlib import Path

from bisectrix.supervise import proc

OWNER = "org.bisectrix.owner"
"""Boot of the machine, pid namespace, pid and start of the harness: together they name a process once and for all."""

SESSION = "org.bisectrix.session"

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_WORDS = 4


def boot_id() -> str:
    """Return what names the time since the kernel was started that this machine runs on."""
    return _BOOT_ID.read_text(encoding="ascii").strip()


def owner(pid: int | None = None) -> str:
    """Return the label of a process, ours by default: `BOOT NAMESPACE PID START`."""
    namespace = proc.link("/proc/self/ns/pid")
    return f"{boot_id()} {namespace} {proc.identity(os.getpid() if pid is None else pid)}"


def is_orphaned(label: str) -> bool:
    """Say whether a harness with this label has ended; one that we cannot see is taken to live."""
    words = label.split()
    if len(words) != _WORDS or not words[2].isdigit():
        return False
    boot, namespace, pid, _ = words
    if boot != boot_id():
        return True
    return namespace == proc.link("/proc/self/ns/pid") and owner(int(pid)) != label
