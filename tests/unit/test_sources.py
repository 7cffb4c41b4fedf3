"""Commits in the place of releases."""

from __future__ import annotations

from dataclasses import replace

from bisectrix.matrix.sources import from_sources, with_commits, without_releases
from bisectrix.model.lock import LockRequest, locked_version
from bisectrix.model.matrix import Axis, Cell, Matrix, OpenAxis
from bisectrix.model.source import Source, is_from_source
from bisectrix.model.words import AxisKind, MatrixSet, Resolution

COMMIT = "1a2b3c4d5e6f" + "0" * 28
SOURCE = Source(package="Tiny.Tool", address="https://code.test/tiny", commit=COMMIT)
URL = f"git+https://code.test/tiny@{COMMIT}"
REQUEST = LockRequest(
    requirements=("httpx>=0.27",),
    constraints=("urllib3<3",),
    resolution=Resolution.HIGHEST,
    cutoff="",
    cutoff_exempt=(),
    python="3.12",
    platform="linux-x86_64",
)
MATRIX = Matrix(
    name="m",
    title="",
    set=MatrixSet.FULL,
    axes=(
        OpenAxis(name="tiny_tool", kind=AxisKind.PACKAGE, specifier=">=1"),
        Axis(name="python", kind=AxisKind.PYTHON, values=("3.12",)),
    ),
    include=((("python", "3.9"), ("tiny_tool", "1.0")),),
)


def test_a_package_that_nobody_asked_for_is_asked_for() -> None:
    assert from_sources(REQUEST, (SOURCE,)).requirements == ("httpx>=0.27", f"Tiny.Tool @ {URL}")


def test_versions_give_way_to_the_commit_and_extras_and_markers_stay() -> None:
    asked = replace(
        REQUEST,
        requirements=('tiny-tool[b,a]>=2 ; python_version < "4"', "httpx>=0.27"),
        constraints=("tiny_tool==3.0", "urllib3<3"),
    )
    answered = from_sources(asked, (SOURCE,))
    assert answered.requirements == (f'Tiny.Tool[a,b] @ {URL} ; python_version < "4"', "httpx>=0.27")
    assert answered.constraints == ("urllib3<3",)


def test_no_sources_change_nothing() -> None:
    assert from_sources(REQUEST, ()) == REQUEST
    assert without_releases(MATRIX, ()) == MATRIX
    assert with_commits(Cell(repro="r"), ()) == Cell(repro="r")


def test_the_axis_of_releases_goes_and_the_cell_gets_the_commit_in_its_name() -> None:
    matrix = without_releases(MATRIX, (SOURCE,))
    assert [axis.name for axis in matrix.axes] == ["python"]
    assert matrix.include == ((("python", "3.9"),),)
    cell = with_commits(Cell(repro="r", coordinates=(("python", "3.9"),)), (SOURCE,))
    assert cell.name == "r@python=3.9,tiny-tool=git-1a2b3c4d5e6f"
    assert is_from_source(cell)
    assert not is_from_source(Cell(repro="r", coordinates=(("tiny", "1.0"),)))


def test_a_subdirectory_is_part_of_the_address() -> None:
    assert replace(SOURCE, subdirectory="packages/tiny").url == f"{URL}#subdirectory=packages/tiny"


def test_commits_that_call_themselves_the_same_version_are_told_apart() -> None:
    vcs = {"type": "git", "commit-id": COMMIT}
    assert locked_version({"version": "1.0", "vcs": vcs}) == "1.0+git.1a2b3c4d5e6f"
    assert locked_version({"version": "1.1.dev3+g1a2b3c4", "vcs": vcs}) == "1.1.dev3+g1a2b3c4.git.1a2b3c4d5e6f"
    assert locked_version({"vcs": vcs}) == "0+git.1a2b3c4d5e6f"
    assert locked_version({"version": "1.0"}) == "1.0"
    assert locked_version({"directory": {"path": "x"}}) == ""
