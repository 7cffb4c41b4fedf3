"""Spreads what is done again and again out, so that it takes a thousandth of a core on average."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

_SHARE = 1e-3
_MOST_S = 1e-3
"""What can be saved up: the allowance of a second."""

_T = TypeVar("_T")


class Allowance:
    """Time on a core for one action."""

    def __init__(self) -> None:
        """Allow it at once."""
        self._saved_s, self._counted_at_s, self._spent_at_s = _MOST_S, time.monotonic(), -math.inf

    def allows(self, longest_s: float = math.inf) -> bool:
        """Say whether it may be done again; when that was `longest_s` ago it may at any price."""
        now_s = time.monotonic()
        self._saved_s = min(_MOST_S, self._saved_s + (now_s - self._counted_at_s) * _SHARE)
        self._counted_at_s = now_s
        return self._saved_s > 0 or now_s >= self._spent_at_s + longest_s

    def spend(self, action: Callable[[], _T]) -> _T:
        """Do it, and take off what it took of this thread's time on a core."""
        self._spent_at_s, before_s = time.monotonic(), time.thread_time()
        done = action()
        self._saved_s -= time.thread_time() - before_s
        return done
