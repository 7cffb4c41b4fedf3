"""The smallest difference between two cells, as it is recorded and shown."""

from __future__ import annotations

from dataclasses import dataclass

from bisectrix.model.bisection import Mover, Probed


@dataclass(frozen=True, kw_only=True, slots=True)
class Needed:
    """Package changes that together turn the good cell bad, each of them needed.

    Attributes:
        unconfirmed: those that could not be taken back alone, since the rest does not resolve.
        commands: the bisection of each member that has two releases.
    """

    changes: tuple[Mover, ...]
    unconfirmed: tuple[Mover, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeltaRecord:
    """One search for the package changes between a good and a bad cell that make the difference.

    Attributes:
        good, bad: names of the two cells.
        changes: all packages that differ and can be changed one by one.
        followers: packages that only one side has; they come and go with the others.
        sentences: the answer, ready for an issue.
        sets: every set that suffices alone; none where nothing was found.
        is_reversed: without them, everything else as in the bad cell, it was seen to be good.
        probes: by set of changes, in the order of their first run.
        command: how to ask again.
    """

    repro: str
    good: str
    bad: str
    changes: tuple[Mover, ...]
    followers: tuple[Mover, ...]
    sentences: tuple[str, ...]
    sets: tuple[Needed, ...]
    is_reversed: bool
    probes: tuple[Probed, ...]
    command: str
