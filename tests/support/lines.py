"""Lines of planted releases to bisect: each is a package whose releases behave as written here, and the repro for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from support.planted import Form, Release

WELL = "pass"
BUG = 'raise RuntimeError("the planted bug")'
EARLY_FACE = 'raise RuntimeError("the planted bug, seen early")'
LATE_FACE = 'raise RuntimeError("the planted bug, seen late")'
OTHER_BUG = 'raise ImportError("something else")'
HANG = "threading.Event().wait()"
FIRST_UPLOAD = datetime(2024, 1, 1, tzinfo=UTC)

SIGNED = 'kind = "raises"\n# pattern = "the planted bug"'
UNSIGNED = 'kind = "fail"'
HANGS = 'kind = "hang"\n# stack = ["act"]'


def flaky(rate: float, seed: int) -> str:
    """Show the bug in a share of the attempts: which ones, their numbers and the seed decide, so always the same."""
    toss = f"random.Random(f'{seed} {{__version__}} {{os.environ[\"BISECTRIX_ATTEMPT\"]}}').random()"
    return f"if {toss} < {rate}:\n        {BUG}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """One release of a line.

    Attributes:
        does: body of the function that the repro calls.
    """

    version: str
    does: str = WELL
    requires: tuple[str, ...] = ()
    yanked: str = ""
    form: Form = Form.WHEEL


@dataclass(frozen=True, kw_only=True, slots=True)
class PlantedLine:
    """A package to bisect.

    Attributes:
        releases: in the order of upload, one a day.
        others: packages that move along, their versions, all well.
        bug: the table of that name, as the manifest has it.
        attempts: 1 vouches that the bug always shows.
        program: what the repro does.
        install_s: how long the installation of a release may take.
    """

    name: str
    releases: tuple[Planted, ...]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bug: str = SIGNED
    attempts: int = 1
    program: str = ""
    install_s: int = 60

    @property
    def repro(self) -> str:
        """The text of the repro."""
        return REPRO.format(
            name=self.name,
            bug=self.bug,
            attempts=self.attempts,
            install_s=self.install_s,
            program=self.program or f"import {self.name}\n\n{self.name}.act()",
        )

    def packages(self) -> Iterable[Release]:
        """Yield what the index must have."""
        for day, planted in enumerate(self.releases):
            yield Release(
                name=self.name,
                version=planted.version,
                files={f"{self.name}.py": MODULE.format(does=planted.does, version=planted.version).encode()},
                uploaded=FIRST_UPLOAD + timedelta(days=day),
                requires=planted.requires,
                yanked=planted.yanked,
                form=planted.form,
            )
        for name, versions in self.others.items():
            for version in versions:
                module = f'__version__ = "{version}"\n'.encode()
                yield Release(name=name, version=version, files={f"{name}.py": module}, uploaded=FIRST_UPLOAD)


REPRO = """\
# /// script
# requires-python = ">=3.8"
# dependencies = ["{name}>=0"]
#
# [tool.bisectrix]
# title = "The planted bug of {name}"
# attempts = {attempts}
#
# [tool.bisectrix.bug]
# {bug}
#
# [tool.bisectrix.limits]
# deadline_s = 10
# quiet_s = 1
# install_s = {install_s}
# ///
{program}
"""

MODULE = """\
import os
import random
import threading

__version__ = "{version}"


def act():
    {does}
"""


def versions(first: int, last: int, does: str = WELL, *, requires: tuple[str, ...] = ()) -> tuple[Planted, ...]:
    """Return releases `first`.0 to `last`.0 that are all alike."""
    return tuple(Planted(version=f"{number}.0", does=does, requires=requires) for number in range(first, last + 1))


def unresolvable(first: int, last: int, does: str = WELL) -> tuple[Planted, ...]:
    """Return releases that need what nobody has."""
    return versions(first, last, does, requires=("nobody-has-this",))


IMPORT_SAILOR = f"import sailor\n    if sailor.__version__ >= '2':\n        {HANG}"
IMPORT_MATE = f"import mate\n    if mate.__version__ >= '2':\n        {HANG}"

LINES = (
    PlantedLine(name="alone", releases=(*versions(1, 8), *versions(9, 12, BUG))),
    PlantedLine(
        name="acquits",
        releases=(*versions(1, 4, requires=("friendly<2",)), *versions(5, 8, BUG, requires=("friendly",))),
        others={"friendly": ("1.0", "2.0")},
    ),
    PlantedLine(
        name="welded",
        releases=(*versions(1, 4, requires=("solder==1.0",)), *versions(5, 8, BUG, requires=("solder==2.0",))),
        others={"solder": ("1.0", "2.0")},
    ),
    PlantedLine(
        name="together",
        releases=(*versions(1, 4, requires=("mate<2",)), *versions(5, 8, IMPORT_MATE, requires=("mate",))),
        others={"mate": ("1.0", "2.0")},
        bug=HANGS,
    ),
    PlantedLine(
        name="crew",
        releases=(
            *versions(1, 4, requires=("sailor<2", "cook<2")),
            *versions(5, 8, IMPORT_SAILOR, requires=("sailor", "cook")),
        ),
        others={"sailor": ("1.0", "2.0"), "cook": ("1.0", "2.0")},
        bug=HANGS,
    ),
    PlantedLine(
        name="brings",
        releases=(*versions(1, 4), *versions(5, 8, requires=("passenger",))),
        others={"passenger": ("1.0",)},
        program=f"import importlib.util\n\nif importlib.util.find_spec('passenger'):\n    {BUG}",
    ),
    PlantedLine(
        name="needs",
        releases=(*versions(1, 4), *versions(5, 8, BUG, requires=("part",))),
        others={"part": ("1.0",)},
    ),
    PlantedLine(name="holed", releases=(*versions(1, 5), *unresolvable(6, 11), *versions(12, 16, BUG))),
    PlantedLine(
        name="beyond", releases=(*versions(1, 5), *unresolvable(6, 11), *versions(12, 12), *versions(13, 18, BUG))
    ),
    PlantedLine(name="mended", releases=(*versions(1, 4), *versions(5, 8, BUG), *versions(9, 12))),
    PlantedLine(
        name="interrupted",
        releases=(
            *versions(1, 4, requires=("ballast<2",)),
            *versions(5, 8, BUG, requires=("ballast<2",)),
            *versions(9, 12, requires=("ballast",)),
        ),
        others={"ballast": ("1.0", "2.0")},
    ),
    PlantedLine(name="relapses", releases=(*versions(1, 6, BUG), *versions(7, 7), *versions(8, 12, BUG))),
    PlantedLine(
        name="comeback",
        releases=(*versions(1, 6), *versions(7, 12, BUG), *versions(13, 19), *versions(20, 24, BUG)),
    ),
    PlantedLine(name="innocent", releases=versions(1, 12)),
    PlantedLine(name="always", releases=versions(1, 12, BUG)),
    PlantedLine(name="elsewhere", releases=(*versions(1, 4, OTHER_BUG), *versions(5, 8), *versions(9, 12, BUG))),
    PlantedLine(name="masked", releases=(*versions(1, 4), *versions(5, 8, OTHER_BUG), *versions(9, 12, BUG))),
    PlantedLine(
        name="faces",
        releases=(*versions(1, 3), *versions(4, 6, EARLY_FACE), *versions(7, 9, LATE_FACE), *versions(10, 12)),
    ),
    PlantedLine(name="often", releases=(*versions(1, 2), *versions(3, 4, flaky(0.3, seed=2))), attempts=10),
    PlantedLine(name="seldom", releases=(*versions(1, 3), *versions(4, 6, flaky(0.1, seed=9))), attempts=30),
    PlantedLine(name="rarely", releases=(*versions(1, 2), *versions(3, 4, flaky(0.03, seed=5))), attempts=100),
    PlantedLine(
        name="noisy",
        releases=(*versions(1, 5, flaky(0.05, seed=1)), *versions(6, 8, flaky(0.6, seed=1))),
        attempts=10,
        bug=UNSIGNED,
    ),
    PlantedLine(
        name="yanks",
        releases=(
            *versions(1, 3),
            Planted(version="4.0", does=BUG, yanked="too early"),
            Planted(version="5.0rc1", does=BUG),
            *versions(5, 7, BUG),
        ),
    ),
    PlantedLine(
        name="backports",
        releases=(
            *versions(1, 4),
            *versions(5, 7, BUG),
            Planted(version="2.1"),
            Planted(version="4.1"),
            Planted(version="5.1", does=BUG),
        ),
    ),
    PlantedLine(
        name="stuck",
        releases=(
            *versions(1, 3),
            Planted(version="4.0", form=Form.HANGING_SDIST),
            Planted(version="5.0", form=Form.SECRETIVE_HANGING_SDIST),
            *versions(6, 8, BUG),
        ),
        install_s=5,
    ),
)
