"""What goes into images of interpreters and of Debian's releases, before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.images.debian import LEFT_OUT, RELEASES, debian_recipes, mirrors
from bisectrix.images.interpreter import InterpreterRecipe
from bisectrix.model.environment import Interpreter

TARGETS = """\
https://packages.example.org/apt cloud
http://mirror.example.org/debian-security Debian-Security
http://mirror.example.org/debian/ Debian
"""


def interpreter(path: Path) -> Interpreter:
    return Interpreter(path=path, version="3.12.1", implementation="cpython", platform="linux-x86_64", source="path")


def test_the_mirror_is_the_one_of_debian_that_apt_knows() -> None:
    assert list(mirrors(TARGETS)) == ["http://mirror.example.org/debian/"]


def test_a_mirror_that_was_named_goes_before_the_variable_and_that_before_apt() -> None:
    environ = {"BISECTRIX_DEBIAN_MIRROR": "http://variable.example.org/debian"}
    assert {recipe.mirror for recipe in debian_recipes(environ, "http://named.example.org/d")} == {
        "http://named.example.org/d"
    }
    assert {recipe.mirror for recipe in debian_recipes(environ)} == {"http://variable.example.org/debian"}
    assert [recipe.name for recipe in debian_recipes(environ)] == [f"debian-{release}" for release in RELEASES]


@pytest.mark.parametrize(
    "name",
    [
        *("etc/hostname", "etc/apt/sources.list", "etc/passwd", "var/lib/dpkg/status", "usr/share/doc/python3/README"),
        *("usr/bin/apt-get", "usr/bin/dpkg-deb", "bin/tar", "dev/null", "usr/lib/x86_64-linux-gnu/perl-base/x.pm"),
    ],
)
def test_what_says_where_it_was_built_and_what_manages_packages_stays_out(name: str) -> None:
    assert LEFT_OUT.match(name)


@pytest.mark.parametrize(
    "name",
    [
        *("etc/debian_version", "etc/os-release", "etc/python3.11/sitecustomize.py", "usr/bin/python3.11", "bin/sh"),
        *("lib/x86_64-linux-gnu/libc.so.6", "usr/lib/python3.11/os.py", "usr/share/zoneinfo/UTC", "usr/bin/timeout"),
        *("usr/lib/python3.11/lib-dynload/_ssl.so", "usr/lib/os-release", "usr/bin/env", "usr/bin/du"),
    ],
)
def test_the_userland_of_a_python_stays_in(name: str) -> None:
    assert not LEFT_OUT.match(name)


def test_a_python_without_its_library_beside_it_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InfraError) as caught:
        InterpreterRecipe(interpreter=interpreter(tmp_path / "bin" / "python3.12")).inputs()
    assert str(tmp_path / "lib" / "python3.12") in caught.value.message
