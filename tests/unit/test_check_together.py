"""What shows only when a matrix is put beside a repro."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import ManifestError
from bisectrix.manifest.matrix import parse_matrix
from bisectrix.manifest.repro import parse_repro
from bisectrix.manifest.together import check_together


def mistakes(matrix: str, *dependencies: str, requires_python: str = ">=3.9") -> list[str]:
    text = f"""\
title = "t"
command = ["x.py"]
requires_python = "{requires_python}"
dependencies = {list(dependencies)}
bug = {{ kind = "hang" }}
"""
    repro = parse_repro(text, Path("repros/x"), "x")
    try:
        check_together(repro, parse_matrix(matrix, "m.toml", "m"), file="m.toml")
    except ManifestError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []


def test_a_matrix_over_direct_dependencies_fits() -> None:
    matrix = """\
[axes]
python = ["3.9", "3.12"]
VCR_py = ["7.0.0"]
resolution = ["highest", "lowest-direct"]
"""
    assert mistakes(matrix, "httpx>=0.27", "vcr.py") == []


def test_a_package_axis_is_a_direct_dependency() -> None:
    assert mistakes("axes.vcrypy = ['7.0']", "vcrpy", "httpx") == [
        (
            "axes.vcrypy: found a package that the repro does not depend on, expected one of its dependencies vcrpy, httpx "
            "(did you mean vcrpy?)"
        ),
    ]


def test_a_mistyped_reserved_axis_is_recognised() -> None:
    assert mistakes("axes.resolutoin = ['7.0']", "vcrpy") == [
        (
            "axes.resolutoin: found a package that the repro does not depend on, expected one of its dependencies vcrpy "
            "(did you mean resolution?)"
        ),
    ]


def test_a_package_axis_of_a_repro_without_dependencies_needs_one() -> None:
    assert mistakes("axes.zzz = ['7.0']") == [
        (
            "axes.zzz: found a package that the repro does not depend on, expected one of its dependencies "
            "(add it to the repro's dependencies)"
        ),
    ]


def test_a_package_axis_may_be_a_requirement_of_a_variant() -> None:
    assert mistakes("axes.vcrpy = '>=7'\naxes.variant.vcr.on = { requirements = ['vcrpy>=7'] }") == []


@pytest.mark.parametrize(
    ("requires_python", "outside"),
    [(">=3.9", []), (">=3.9.7", []), (">=3.10", ["3.9"]), ("<3.12", ["3.12"]), ("==3.9.18", ["3.12"])],
)
def test_a_listed_python_is_one_that_the_repro_admits(requires_python: str, outside: list[str]) -> None:
    found = mistakes("axes.python = ['3.9', '3.12']", requires_python=requires_python)
    assert found == [
        f'axes.python: found "{v}", expected a Python that the repro admits, {requires_python}' for v in outside
    ]


def test_the_python_of_an_included_cell_is_one_that_the_repro_admits() -> None:
    assert mistakes("axes.python = 'current'\ninclude = [{ python = '3.8' }]") == [
        'include[0].python: found "3.8", expected a Python that the repro admits, >=3.9',
    ]


@pytest.mark.parametrize("resolution", ["lowest-direct", "lowest"])
def test_a_low_resolution_needs_a_lower_bound_on_every_direct_dependency(resolution: str) -> None:
    matrix = f"""\
axes.resolution = ["highest", "{resolution}"]
axes.variant.vcr.on = {{ requirements = ["pytest-recording<1"] }}
"""
    found = mistakes(matrix, "anyio", "httpx<1", "vcrpy>=4.4", "idna~=3.1", "h11==0.14", "trio @ file:///trio.whl")
    assert found == [
        f'axes.resolution: found "{resolution}", expected a lower bound on {name}, or its first release ever uploaded '
        f'would be picked (write "{name}>=VERSION" in the dependencies)'
        for name in ("anyio", "httpx", "pytest-recording")
    ]


def test_a_low_resolution_of_an_included_cell_alone_counts() -> None:
    matrix = "axes.python = 'current'\naxes.resolution = ['highest']\ninclude = [{ resolution = 'lowest' }]"
    assert [line.partition(":")[0] for line in mistakes(matrix, "anyio")] == ["include[0].resolution"]


@pytest.mark.parametrize("bound", ["axes.anyio = ['4.0']", "constraints = ['AnyIO>=3']"])
def test_an_axis_or_a_constraint_is_bound_enough(bound: str) -> None:
    assert mistakes(f"{bound}\naxes.resolution = ['lowest-direct']", "anyio") == []


def test_all_that_does_not_fit_comes_together() -> None:
    matrix = "axes.python = ['3.8']\naxes.vcr = ['7.0']\naxes.resolution = ['lowest']"
    assert [line.partition(":")[0] for line in mistakes(matrix, "vcrpy", "httpx")] == [
        "axes.vcr",
        "axes.python",
        "axes.resolution",
        "axes.resolution",
    ]


def test_the_mistakes_are_those_of_the_matrix_file() -> None:
    repro = parse_repro('title = "t"\ncommand = ["x"]\nbug = { kind = "hang" }', Path("repros/x"), "x")
    with pytest.raises(ManifestError) as caught:
        check_together(repro, parse_matrix("axes.a = ['1']", "m.toml", "m"), file="matrices/m.toml")
    assert caught.value.place == "matrices/m.toml"
