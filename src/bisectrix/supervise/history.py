"""The looks of the last seconds, and when something last showed progress."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from operator import attrgetter

from bisectrix.supervise.sample import Look
from bisectrix.supervise.window import Window

_moment = attrgetter("at_s")


class History:
    """Keeps as many looks as the longest window needs."""

    def __init__(self, first: Look, keep_s: float) -> None:
        """Begin with one look and keep those of the last `keep_s` seconds, and the one before."""
        self._looks = [first]
        self._keep_s = keep_s
        self._progress = ""
        self._progress_at_s = -math.inf

    @property
    def last(self) -> Look:
        """The newest look."""
        return self._looks[-1]

    def add(self, look: Look) -> None:
        """Take the newest look; a process that came or went since the one before is progress."""
        if look.threads is not self.last.threads and look.pids != self.last.pids:
            self.note("processes came or went", look.at_s)
        self._looks.append(look)
        while self._looks[1].at_s <= look.at_s - self._keep_s:
            del self._looks[0]

    def note(self, progress: str, at_s: float) -> None:
        """Remember what showed progress, and when."""
        self._progress, self._progress_at_s = progress, at_s

    def window(self, length_s: float, last: Look | None = None) -> Window:
        """Return the shortest window of at least `length_s`, or the longest there is, up to `last` or the newest look."""
        until = last or self.last
        begin = max(0, bisect_right(self._looks, until.at_s - length_s, key=_moment) - 1)
        end = bisect_left(self._looks, until.at_s, key=_moment)
        first = self._looks[begin]
        return Window(
            first=first,
            last=until,
            between=tuple(self._looks[begin + 1 : end]),
            progress=self._progress if self._progress_at_s > first.at_s else "",
        )
