"""When it is worth its price to look again at a tree that could not be proved dead; pure."""

from __future__ import annotations

_FIRST_S = 1.0
_LONGEST_S = 300.0
_LONGER = 3


class Pauses:
    """Pauses between looks, each longer than the one before."""

    def __init__(self) -> None:
        """Let the first look be taken at once."""
        self._pause_s = _FIRST_S
        self._over_at_s = 0.0

    def is_over(self, now_s: float) -> bool:
        """Whether to look again."""
        return now_s >= self._over_at_s

    def begin(self, now_s: float, *, passing: bool = False) -> None:
        """Wait after a look; no longer than at first while what was in the way is `passing`."""
        self._over_at_s = now_s + (_FIRST_S if passing else self._pause_s)
        if not passing:
            self._pause_s = min(_LONGER * self._pause_s, _LONGEST_S)
