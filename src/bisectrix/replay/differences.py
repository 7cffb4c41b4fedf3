"""What of the surroundings is not as it was, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bisectrix.model.attempt import Attempt
from bisectrix.model.recipe import Machine

WORDS = {
    "kernel": "kernel",
    "cpus": "processors",
    "libc": "C library",
    "build": "build of Python",
    "abi": "ABI",
    "image": "image",
    "tool": "bisectrix",
}


def machine_differences(recorded: Sequence[Attempt], replayed: Sequence[Attempt]) -> tuple[str, ...]:
    """Return one clause for each fact in which the machines differ; none where a record does not tell."""
    before, now = _machine(recorded), _machine(replayed)
    return tuple(_differences(before, now)) if before and now else ()


def _machine(attempts: Sequence[Attempt]) -> Machine | None:
    return next((attempt.machine for attempt in attempts if attempt.machine), None)


def _differences(before: Machine, now: Machine) -> Iterator[str]:
    for field, words in WORDS.items():
        was, is_now = getattr(before, field), getattr(now, field)
        if was != is_now:
            yield f"{words}: {is_now or 'none'} here, {was or 'none'} recorded"
