"""How long a plan will take, from how long its cells took before."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from statistics import median

FIRST_GUESS_S = 10.0
"""For an attempt when nothing at all has been measured: an environment is made, a program runs for a moment."""

MINUTE_S = 60
HOUR_S = 3600


def expected_s(
    attempts: Mapping[str, int], durations_s: Mapping[str, float], workers: int, *, guess_s: float = FIRST_GUESS_S
) -> float:
    """Return the wall time in which `workers` get the cells done, each taking the next cell when it is free.

    Args:
        attempts: cell name -> attempts still to be made, in the order of the plan; 0 costs nothing.
        durations_s: cell name -> how long one attempt took before. A cell that is not there is expected to take
            the median of those that are.
        workers: from 1.
        guess_s: for each attempt when `durations_s` is empty.
    """
    usual_s = median(durations_s.values()) if durations_s else guess_s
    free_at_s = [0.0] * max(workers, 1)
    for name, count in attempts.items():
        cost_s = count * durations_s.get(name, usual_s)
        heapq.heapreplace(free_at_s, free_at_s[0] + cost_s)
    return max(free_at_s)


def duration_text(seconds: float) -> str:
    """`0.8 s`, `12 s`, `1 min 20 s`, `2 h 5 min`."""
    if seconds < MINUTE_S:
        tenths = f"{seconds:.1f}"
        return f"{tenths} s" if float(tenths) < 10 else _whole(round(seconds))  # noqa: PLR2004  two digits are enough
    return _whole(round(seconds))


def _whole(seconds: int) -> str:
    if seconds < MINUTE_S:
        return f"{seconds} s"
    if seconds < HOUR_S:
        return _two(*divmod(seconds, MINUTE_S), "min", "s")
    return _two(*divmod(round(seconds / MINUTE_S), MINUTE_S), "h", "min")


def _two(large: int, small: int, large_unit: str, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"
