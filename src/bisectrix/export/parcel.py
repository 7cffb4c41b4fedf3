"""All that an export is made of, as values: equal parcels, equal exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bisectrix.model.lock import Lock
from bisectrix.model.recipe import Machine
from bisectrix.model.repro import Repro
from bisectrix.model.result import CellResult, Ran


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A recorded cell with everything it takes to run it.

    Attributes:
        files: of the repro, as they were: path to content.
        requirements: the lock in the form of a requirements file, with hashes.
        wheels: file name to content; empty where the form needs none.
        args: what the cell adds to the command.
        variables: what is the same in every attempt; secrets hidden.
        machine: what the recorded attempts ran on; None in older records.
        test: the one test that is to be run, for a pytest repro; empty means all.
    """

    result: CellResult
    state: Ran
    repro: Repro
    files: Mapping[str, bytes]
    lock: Lock
    requirements: str
    wheels: Mapping[str, bytes]
    args: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    machine: Machine | None
    test: str = ""

    @property
    def cell(self) -> str:
        """Name of the cell."""
        return self.result.cell.name

    @property
    def minor(self) -> str:
        """Minor version of its Python, `3.12`."""
        return ".".join(self.state.python.split(".")[:2])

    @property
    def command(self) -> tuple[str, ...]:
        """What comes after the interpreter."""
        if self.repro.tests:
            chosen = (self.test,) if self.test else self.repro.tests
            pytest = ("-m", "pytest", "-p", "no:cacheprovider", "--rootdir=.", "--confcutdir=.", "-q", "--color=no")
            return (*pytest, *chosen, *self.args)
        return (*(self.repro.command or (self.repro.path.name,)), *self.args)
