"""What is not the same in two locks."""

from __future__ import annotations

from bisectrix.model.bisection import Mover
from bisectrix.model.lock import Lock


def moved(good: Lock, bad: Lock, axis: str = "") -> tuple[Mover, ...]:
    """Return the packages other than `axis` that are not the same on both sides, sorted by name."""
    old, new = dict(good.packages), dict(bad.packages)
    names = sorted((old.keys() | new.keys()) - {axis})
    return tuple(
        Mover(name=name, old=old.get(name, ""), new=new.get(name, ""))
        for name in names
        if old.get(name) != new.get(name)
    )
