"""Where a program that uses a whole core and says nothing has been in the last seconds before its deadline."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from bisectrix.model.attempt import Frame
from bisectrix.supervise import watch
from bisectrix.supervise.python_stacks import NoStacks, busy_stacks, find_py_spy
from bisectrix.supervise.window import Window

SAMPLES = 3
APART_S = 1.0
BEFORE_S = SAMPLES * APART_S
"""How long before the deadline to begin."""
_WITHIN_S = 2.0

Stack = tuple[Frame, ...]


class SpinSamples:
    """A few stacks of the busiest process, taken a second apart."""

    def __init__(self, shorten: Callable[[str], str]) -> None:
        """Take none yet; files are told as `shorten` has them."""
        self._shorten = shorten
        self._samples: list[Stack] = []
        self._pid = 0
        self._next_at_s = 0.0

    def consider(self, window: Window) -> None:
        """Take a sample when the last one was a second ago, and the tree spins."""
        if len(self._samples) == SAMPLES or time.monotonic() < self._next_at_s:
            return
        busiest = None if window.progress else watch.busiest_process(window)
        if busiest is None or busiest[1] < watch.SPINNING_SHARE:
            return
        self._next_at_s = time.monotonic() + APART_S
        found = busy_stacks(find_py_spy(), busiest[0], self._shorten, within_s=_WITHIN_S)
        if not isinstance(found, NoStacks) and found and self._pid in {0, busiest[0]}:
            self._pid = busiest[0]
            self._samples.append(found[0])

    @property
    def told(self) -> str:
        """`3 samples a second apart were in spin (app.py:3)`; empty where there are none."""
        return spin_place(self._samples)


def spin_place(samples: Sequence[Stack]) -> str:
    """Name the innermost function that all the samples were in, with its line where they agree most."""
    common = 0
    while all(len(stack) > common and _same(stack[common], samples[0][common]) for stack in samples) and samples:
        common += 1
    if not common:
        return ""
    lines = Counter(stack[common - 1].line for stack in samples)
    place = samples[0][common - 1]
    many = "1 sample was" if len(samples) == 1 else f"{len(samples)} samples a second apart were"
    return f"{many} in {place.function} ({place.file}:{lines.most_common(1)[0][0]})"


def _same(one: Frame, other: Frame) -> bool:
    return (one.file, one.function) == (other.file, other.function)
