"""Who waits for whom as a person reads it: the claim, then each thread with what could end its wait; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bisectrix.model.attempt import Blocked, Ending, ThreadWait


def waits_text(ending: Ending, waits: Sequence[ThreadWait]) -> str:
    """Return the content of `waits.txt`; empty when nobody looked at what the threads wait for."""
    if not waits:
        return ""
    return "\n".join([*_claim(ending), *_processes(waits)]) + "\n"


def _claim(ending: Ending) -> Iterator[str]:
    if isinstance(ending, Blocked):
        yield f"hang, {ending.grade} after {ending.quiet_s:.1f} s: {ending.reason}"
        yield from (f"assuming {assumption}" for assumption in ending.assumptions)
        if ending.lacks:
            yield f"not proved: {ending.lacks}"
        yield ""


def _processes(waits: Sequence[ThreadWait]) -> Iterator[str]:
    for (pid, command), threads in groupby(waits, key=lambda wait: (wait.pid, wait.command)):
        yield f"process {pid}, {command}"
        for thread in threads:
            yield f"  thread {thread.tid} {_doing(thread)}"
            yield from (f"    waits on  {on}" for on in _parts(thread.on))
            yield from (f"    woken by  {by}" for by in _parts(thread.woken_by))


def _doing(thread: ThreadWait) -> str:
    return f"in {thread.call}, {thread.until}" if thread.call else thread.until


def _parts(told: str) -> list[str]:
    return told.split("; ") if told else []
