"""What can be bisected: which releases are searched, which are left out and why, and which cell stands for each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

from bisectrix.errors import UsageError
from bisectrix.matrix.request import lock_request
from bisectrix.model.environment import Interpreter
from bisectrix.model.lock import LockRequest
from bisectrix.model.repro import Bug, Repro
from bisectrix.model.words import BugKind, Resolution
from bisectrix.resolve.releases import Release
from bisectrix.runner.lines import Ground, Line, day_line, python_line, release_line
from bisectrix.runner.planning import PlannedCell, Subject

HERE = Interpreter(
    path=Path("/usr/bin/python3"), version="3.12.1", implementation="cpython", platform="linux-x86_64", source="system"
)
REPRO = Repro(
    name="waits",
    path=Path("repros/waits.py"),
    title="It waits",
    bug=Bug(kind=BugKind.HANG),
    dependencies=("Tool[fast]>=2,<3", "part>=1"),
)
GROUND = Ground(subject=Subject(repro=REPRO, sha256="0", files={}), python="3.12", resolution=Resolution.HIGHEST)


def release(version: str, *files: str, requires_python: str = "", yanked: bool = False) -> Release:
    return Release(
        version=Version(version),
        uploaded_at=None,
        requires_python=requires_python,
        yanked=yanked,
        files=files or (f"tool-{version}.tar.gz",),
    )


def line(*releases: Release, within: str = "", pre: bool = False) -> Line:
    return release_line(GROUND, "tool", releases, HERE, within=within, pre=pre)


def asked(planned: PlannedCell) -> LockRequest:
    return lock_request(planned.subject.repro, planned.matrix, planned.cell, python=HERE.minor, platform=HERE.platform)


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (release("1.0", yanked=True), "yanked"),
        (release("1.0rc1"), "pre-release"),
        (release("1.0.dev3"), "pre-release"),
        (release("1.0", requires_python=">=3.13"), "requires Python >=3.13"),
        (release("1.0", "tool-1.0-py3-none-win_amd64.whl"), "no file for Python 3.12 on linux-x86_64"),
        (release("1.0", "tool-1.0-cp311-cp311-any.whl"), "no file for Python 3.12 on linux-x86_64"),
        (release("1.0", "tool-what.whl"), "no file for Python 3.12 on linux-x86_64"),
    ],
)
def test_what_cannot_be_installed_is_left_out_with_the_reason(left_out: Release, reason: str) -> None:
    found = line(left_out, release("2.0"))

    assert found.values == ("2.0",)
    assert found.dropped == ((str(left_out.version), reason),)


@pytest.mark.parametrize(
    "kept",
    [
        release("1.0"),
        release("1.0.post1"),
        release("1.0", "tool-1.0-py3-none-any.whl"),
        release("1.0", "tool-1.0-cp312-none-any.whl"),
        release("1.0", "tool-1.0-py3-none-win_amd64.whl", "tool-1.0.tar.gz"),
        release("1.0", requires_python=">=3.8"),
        release("1.0", requires_python="three or more"),
    ],
)
def test_what_can_be_installed_is_kept(kept: Release) -> None:
    assert line(kept).values == (str(kept.version),)


def test_pre_releases_are_kept_when_asked_for_but_yanked_ones_never() -> None:
    found = line(release("1.0rc1"), release("1.0", yanked=True), release("1.1"), pre=True)

    assert found.values == ("1.0rc1", "1.1")


def test_what_is_not_in_the_range_is_not_mentioned() -> None:
    found = line(*(release(f"{major}.0") for major in range(1, 6)), within=">=2,<4")

    assert (found.values, found.dropped) == (("2.0", "3.0"), ())


def test_a_malformed_range_is_refused() -> None:
    with pytest.raises(UsageError, match="--within: 'two' is no range of versions"):
        line(release("1.0"), within="two")


def test_the_bounds_of_the_repro_do_not_end_the_line() -> None:
    request = asked(line(release("5.0")).cell("5.0"))

    assert request.requirements == ("Tool[fast]", "part>=1")
    assert request.constraints == ("tool==5.0",)


def test_the_other_packages_are_held_by_constraints_and_the_cell_says_so() -> None:
    planned = line(release("5.0")).cell("5.0", held=(("part", "1.2"), ("tool", "4.0")), anchor="4.0")

    assert asked(planned).constraints == ("part==1.2", "tool==5.0")
    assert planned.cell.name == "waits@others=as-with-4.0,python=3.12,resolution=highest,tool=5.0"


def test_a_cross_asks_for_every_package_of_the_other_side() -> None:
    planned = line(release("5.0")).crossed("5.0", (("extra", "9"), ("part", "1.2"), ("tool", "4.0")), "4.0")

    assert asked(planned).requirements == ("Tool[fast]", "part>=1", "extra==9", "part==1.2")
    assert asked(planned).constraints == ("tool==5.0",)
    assert planned.cell.get("others") == "all-of-4.0"


def test_days_are_instants_and_both_ends_are_among_them() -> None:
    days = day_line(GROUND, date(2026, 2, 27), date(2026, 3, 1))

    assert days.values == ("2026-02-27T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")
    assert asked(days.cell(days.values[1])).cutoff == days.values[1]


def test_along_pythons_the_cell_has_the_python_of_the_value() -> None:
    assert python_line(GROUND, ("3.9", "3.12")).cell("3.9").cell.get("python") == "3.9"
