"""A matrix file: what it says, and what is said about its mistakes."""

from __future__ import annotations

import pytest

from bisectrix.errors import ManifestError
from bisectrix.manifest.matrix import parse_matrix
from bisectrix.model.matrix import Axis, Exclusion, Matrix, OpenAxis, Variant
from bisectrix.model.words import AxisKind, MatrixSet

FULL = """\
title = "All there is"
set = "full"
attempts = 5
cutoff_exempt = ["VCR_py"]
constraints = ["urllib3<3"]

[axes]
python = ["3.13", "3.9", "3.10"]
VCRpy = ["8.0.0", "8.0.0rc1", "7.0"]
httpx = ">=0.27"
resolution = ["lowest-direct", "highest"]
cutoff = ["2026-11-01T00:00:00Z", "2025-11-01T00:00:00Z"]
platform = ["linux-x86_64"]

[axes.env]
PYTHONASYNCIODEBUG = ["0", "1"]

[axes.variant.vcr]
on = { args = ["--vcr"], env = { X = "1 2" }, requirements = ["pytest-recording>=0.13"] }
off = {}

[[include]]
python = "3.8"
vcrpy = "v6.0.0"
vcr = "on"

[[exclude]]
where = { python = "3.13", VCRpy = "<8" }
reason = "imports imp"
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        parse_matrix(text, "matrices/m.toml", "m")
    assert caught.value.place == "matrices/m.toml"
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_matrix_says_all_that_its_file_says_with_values_oldest_first() -> None:
    assert parse_matrix(FULL, "matrices/m.toml", "m") == Matrix(
        name="m",
        title="All there is",
        set=MatrixSet.FULL,
        attempts=5,
        cutoff_exempt=("vcr-py",),
        constraints=("urllib3<3",),
        axes=(
            Axis(name="python", kind=AxisKind.PYTHON, values=("3.9", "3.10", "3.13")),
            Axis(name="vcrpy", kind=AxisKind.PACKAGE, values=("7.0", "8.0.0rc1", "8.0.0")),
            OpenAxis(name="httpx", kind=AxisKind.PACKAGE, specifier=">=0.27"),
            Axis(name="resolution", kind=AxisKind.RESOLUTION, values=("lowest-direct", "highest")),
            Axis(name="cutoff", kind=AxisKind.CUTOFF, values=("2025-11-01T00:00:00Z", "2026-11-01T00:00:00Z")),
            Axis(name="platform", kind=AxisKind.PLATFORM, values=("linux-x86_64",)),
            Axis(name="PYTHONASYNCIODEBUG", kind=AxisKind.ENV, values=("0", "1")),
            Axis(
                name="vcr",
                kind=AxisKind.VARIANT,
                values=("on", "off"),
                variants=(
                    Variant(args=("--vcr",), env=(("X", "1 2"),), requirements=("pytest-recording>=0.13",)),
                    Variant(),
                ),
            ),
        ),
        include=((("python", "3.8"), ("vcrpy", "6.0.0"), ("vcr", "on")),),
        exclude=(Exclusion(where=(("python", "3.13"), ("vcrpy", "<8")), reason="imports imp"),),
    )


@pytest.mark.parametrize("specifier", ["current", ">=3.10", ">=3.10,<3.13"])
def test_the_pythons_may_be_a_range(specifier: str) -> None:
    read = parse_matrix(f'[axes]\npython = "{specifier}"', "m.toml", "m")
    assert read.axes == (OpenAxis(name="python", kind=AxisKind.PYTHON, specifier=specifier),)


def test_a_matrix_without_more_than_axes_is_quick_and_titled_by_its_name() -> None:
    read = parse_matrix('[axes]\npython = "current"', "m.toml", "m")
    assert (read.title, read.set, read.attempts, read.cutoff) == ("m", MatrixSet.QUICK, 0, "")


@pytest.mark.parametrize("written", ['"2026-11-01T00:00:00Z"', "2026-11-01T00:00:00Z", "2026-11-01T00:00:00+00:00"])
def test_an_instant_may_be_text_or_a_time_of_toml_itself(written: str) -> None:
    read = parse_matrix(f'cutoff = {written}\n[axes]\npython = "current"', "m.toml", "m")
    assert read.cutoff == "2026-11-01T00:00:00Z"


def test_all_mistakes_of_a_matrix_come_together_in_its_order() -> None:
    text = """\
set = "ful"
cutoff = "2026-11-01"

[axes]
python = [3.10, "3.12.1", "3.9", "3.9"]
resolution = ["lowst"]
vcrpy = ["7.0", "x", ">=8"]
httpx = "0.27"
platform = []

[axes.env]
MODE = ["a b"]

[axes.variant.vcr]
on = { arg = [] }

[[include]]
pyton = "3.9"
vcr = "onn"
vcrpy = "y"

[[exclude]]
where = { vcrypy = "4.*" }

[[exclude]]
where = { vcrpy = "<<4" }
reason = "old"
"""
    names = "python, resolution, vcrpy, httpx, platform, MODE, vcr"
    assert mistakes(text) == [
        'set: found "ful", expected one of quick, full (did you mean full?)',
        (
            'cutoff: found "2026-11-01", expected an instant in UTC such as "2026-11-01T00:00:00Z" '
            '(write "2026-11-01T00:00:00Z" for the start of that day in UTC)'
        ),
        (
            'axes.python[0]: found 3.1, expected a minor version of Python in quotes, such as "3.12" '
            "(put it in quotes: without them 3.10 is the number 3.1)"
        ),
        (
            'axes.python[1]: found "3.12.1", expected a minor version of Python in quotes, such as "3.12" '
            '(write "3.12": the patch version is found and recorded, not chosen)'
        ),
        'axes.resolution[0]: found "lowst", expected one of highest, lowest-direct, lowest (did you mean lowest?)',
        'axes.vcrpy[1]: found "x", expected a version in quotes, such as "8.1.0"',
        (
            'axes.vcrpy[2]: found ">=8", expected a version in quotes, such as "8.1.0" '
            "(a range stands alone, without the list)"
        ),
        (
            'axes.httpx: found "0.27", expected a list of versions, or a range such as ">=8" '
            '(write ["0.27"] for it alone or ">=0.27" for it and all newer ones)'
        ),
        "axes.platform: found an empty list, expected at least one value",
        (
            'axes.env.MODE[0]: found "a b", expected a text without spaces, commas and parentheses '
            "(a variant axis can set a variable to anything)"
        ),
        "axes.variant.vcr.on.arg: found an unknown key, expected one of args, env, requirements (did you mean args?)",
        f'include[0].pyton: found the unknown axis "pyton", expected one of the axes {names} (did you mean python?)',
        'include[0].vcr: found "onn", expected a value of the variant (did you mean on?)',
        'include[0].vcrpy: found "y", expected a version, such as "8.1.0"',
        f'exclude[0].where.vcrypy: found the unknown axis "vcrypy", expected one of the axes {names} (did you mean vcrpy?)',
        "exclude[0].reason: found nothing, expected one line of text",
        'exclude[1].where.vcrpy: found "<<4", expected a value, a pattern such as 4.*, or a range such as <5',
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "axes: found nothing, expected a table"),
        ("axes = {}", "axes: found an empty table, expected at least one axis"),
        ("axes.env = {}", "axes.env: found an empty table, expected at least one axis"),
        ("axes.variant.vcr = {}", "axes.variant.vcr: found an empty table, expected at least one value"),
        (
            "axes.python = '3.12'",
            (
                'axes.python: found "3.12", expected a list of minor versions, a range such as ">=3.10", or "current" '
                '(write ["3.12"] for it alone or ">=3.12" for it and all newer ones)'
            ),
        ),
        (
            "axes.python = 'curent'",
            (
                'axes.python: found "curent", expected a list of minor versions, a range such as ">=3.10", or "current" '
                "(did you mean current?)"
            ),
        ),
        (
            "axes.vcrpy = ['7.0', '8.0', '7.0.0']",
            'axes.vcrpy[2]: found "7.0.0", expected each value once (it is the same as [0])',
        ),
        ("axes.vcrpy = []", "axes.vcrpy: found an empty list, expected at least one value"),
        (
            "axes.vcrpy = ['7.0']\naxes.VCRpy = ['8.0']",
            'axes.VCRpy: found "vcrpy", expected a name that no other axis has (package axis vcrpy has it already)',
        ),
        (
            "axes.vcrpy = ['7.0']\naxes.variant.vcrpy.on = {}",
            (
                'axes.variant.vcrpy: found "vcrpy", expected a name that no other axis has '
                "(package axis vcrpy has it already)"
            ),
        ),
        (
            "axes.variant.python.on = {}",
            (
                "axes.variant.python: found a reserved name, expected a name other than "
                "cutoff, env, platform, python, resolution, variant"
            ),
        ),
        ("axes.'-x' = ['7.0']", 'axes.-x: found "-x", expected the name of a package'),
        ("axes.'a b' = ['7.0']", 'axes."a b": found "a b", expected the name of a package'),
        (
            "cutoff = '2026-11-01T00:00:00Z'\naxes.cutoff = ['2025-11-01T00:00:00Z']",
            (
                'cutoff: found "2026-11-01T00:00:00Z", expected no cutoff beside axes.cutoff '
                "(each cell has one; take this one or axes.cutoff away)"
            ),
        ),
        (
            "cutoff_exempt = ['vcrpy']\naxes.python = 'current'",
            "cutoff_exempt: found no cutoff beside it, expected one to be exempt from",
        ),
        (
            "cutoff = 2026-11-01\naxes.python = 'current'",
            (
                'cutoff: found 2026-11-01, expected an instant in UTC such as "2026-11-01T00:00:00Z" '
                '(write "2026-11-01T00:00:00Z" for the start of that day in UTC)'
            ),
        ),
        (
            "cutoff = '2026-11-01T02:00:00+02:00'\naxes.python = 'current'",
            (
                'cutoff: found "2026-11-01T02:00:00+02:00", expected an instant in UTC such as "2026-11-01T00:00:00Z" '
                '(write "2026-11-01T00:00:00Z")'
            ),
        ),
        (
            "cutoff = 2026-11-01T02:00:00\naxes.python = 'current'",
            (
                "cutoff: found 2026-11-01 02:00:00, expected an instant in UTC such as "
                '"2026-11-01T00:00:00Z" (write "2026-11-01T02:00:00Z" if UTC was meant)'
            ),
        ),
        (
            "cutoff = '0001-01-01T00:00:00+14:00'\naxes.python = 'current'",
            'cutoff: found "0001-01-01T00:00:00+14:00", expected an instant in UTC such as "2026-11-01T00:00:00Z"',
        ),
        (
            "axes.cutoff = ['2025-11-01T00:00:00Z']\ninclude = [{cutoff = '2026-11-01'}]",
            (
                'include[0].cutoff: found "2026-11-01", expected an instant in UTC such as "2026-11-01T00:00:00Z" '
                '(write "2026-11-01T00:00:00Z" for the start of that day in UTC)'
            ),
        ),
        (
            "axes.env.MODE = ['a']\ninclude = [{MODE = 'b c'}]",
            'include[0].MODE: found "b c", expected a text without spaces, commas and parentheses',
        ),
        (
            "axes.resolution = ['highest']\ninclude = [{resolution = 'lowst'}]",
            'include[0].resolution: found "lowst", expected one of highest, lowest-direct, lowest (did you mean lowest?)',
        ),
        (
            'axes.variant.x.on.args = ["a\\u0000"]',
            'axes.variant.x.on.args[0]: found "a\\u0000", expected a text in quotes (the NUL character ends an argument)',
        ),
        (
            "cutoff = '7 days'\naxes.python = 'current'",
            'cutoff: found "7 days", expected an instant in UTC such as "2026-11-01T00:00:00Z"',
        ),
        (
            "axes.python = 'current'\nexclude = [{where = {}, reason = 'r'}]",
            "exclude[0].where: found an empty table, expected at least one value",
        ),
        (
            "axes.python = 'current'\ninclude = [{}]",
            "include[0]: found an empty table, expected at least one axis and its value",
        ),
        (
            "axes.python = 'current'\ninclude = [{python = '3.12.1'}]",
            (
                'include[0].python: found "3.12.1", expected a minor version of Python, such as "3.12" '
                '(write "3.12": the patch version is found and recorded, not chosen)'
            ),
        ),
        (
            "axes.python = 'current'\nconstraints = ['urllib3<<3']",
            (
                'constraints[0]: found "urllib3<<3", expected a requirement such as "httpx>=0.27" '
                "(Expected semicolon (after name with no version specifier) or end)"
            ),
        ),
    ],
)
def test_a_mistake_in_a_matrix_says_what_is_expected(text: str, mistake: str) -> None:
    assert mistakes(text) == [mistake]


def test_a_matrix_of_images_has_the_axis_of_platforms_by_another_name() -> None:
    written = 'title = "Images"\nset = "full"\n\n[axes]\nimage = ["one:1", "build:Containerfile"]\n'

    matrix = parse_matrix(written, "matrices/m.toml", "m")

    assert matrix.axes == (Axis(name="image", kind=AxisKind.PLATFORM, values=("one:1", "build:Containerfile")),)
