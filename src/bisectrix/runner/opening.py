"""What a range in a matrix stands for: the Pythons found here, the releases in the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from bisectrix.environments.interpreters import usable
from bisectrix.model.environment import Interpreter
from bisectrix.model.matrix import OpenAxis
from bisectrix.model.repro import Repro
from bisectrix.model.words import AxisKind
from bisectrix.record.locks import LockBook
from bisectrix.resolve.settings import IndexSettings

CURRENT = "current"


@dataclass(frozen=True, kw_only=True, slots=True)
class AxisOpener:
    """Gives an open axis its values; releases are asked for once and kept beside the locks.

    Attributes:
        current_python: minor version that `current` stands for.
        anew: ask the index although an answer is recorded.
    """

    interpreters: Sequence[Interpreter]
    locks: LockBook
    settings: IndexSettings
    current_python: str
    anew: bool = False

    def __call__(self, repro: Repro, axis: OpenAxis) -> tuple[str, ...]:
        """Return the values, oldest first.

        Raises:
            UsageError: the index knows no such package.
            InfraError: the index does not answer.
        """
        return self._pythons(repro, axis.specifier) if axis.kind is AxisKind.PYTHON else self._releases(repro, axis)

    def _pythons(self, repro: Repro, specifier: str) -> tuple[str, ...]:
        if specifier == CURRENT:
            return (self.current_python,)
        able = (python for python in usable(self.interpreters) if python.version in SpecifierSet(repro.requires_python))
        found = {tuple(map(int, python.minor.split("."))) for python in able}
        minors = (".".join(map(str, minor)) for minor in sorted(found))
        return tuple(minor for minor in minors if minor in SpecifierSet(specifier))

    def _releases(self, repro: Repro, axis: OpenAxis) -> tuple[str, ...]:
        known = None if self.anew else self.locks.releases(repro.name, axis.name, axis.specifier)
        if known is not None:
            return known
        from bisectrix.resolve.releases import releases  # noqa: PLC0415  (0.2 s that only a new range costs)

        found = releases(axis.name, axis.specifier, self.settings)
        self.locks.put_releases(repro.name, axis.name, axis.specifier, found)
        return found
