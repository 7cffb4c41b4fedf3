"""Which wheels of a lock a Python on a machine installs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from packaging import tags

from bisectrix.errors import InfraError
from bisectrix.resolve.portable import read_lock
from bisectrix.resolve.settings import IndexSettings
from bisectrix.resolve.wheels import LockedWheel, NoWheel, Target, fetch_wheels, locked_wheels, platform_tags

HERE = Target(python="3.12.1", platform="linux-x86_64", libc="glibc 2.36")


def lock_of(*packages: str) -> str:
    return 'lock-version = "1.0"\ncreated-by = "bisectrix"\nrequires-python = "==3.12.*"\n' + "".join(packages)


def package(name: str, *wheels: str, sdist: bool = False, marker: str = "") -> str:
    files = "".join(f'{{path = "{wheel}", hashes = {{sha256 = "{digest(wheel)}"}}}}, ' for wheel in wheels)
    lines = [f'[[packages]]\nname = "{name}"\nversion = "1.0"', *([f'marker = "{marker}"'] if marker else [])]
    lines += [f'sdist = {{path = "{name}-1.0.tar.gz", hashes = {{sha256 = "00"}}}}'] if sdist else []
    return "\n".join((*lines, f"wheels = [{files}]" if wheels else "", ""))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def chosen(text: str, target: Target = HERE) -> list[str]:
    found = locked_wheels(read_lock(text, resolver="uv"), target)
    return [one.file if isinstance(one, LockedWheel) else one.why for one in found]


def test_a_native_wheel_wins_where_the_machine_can_load_it() -> None:
    files = (
        "a-1.0-py3-none-any.whl",
        "a-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
        "a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
    )
    text = lock_of(package("a", *files))

    assert chosen(text) == [files[1]]
    assert chosen(text, Target(python="3.12.1", platform="linux-x86_64", libc="musl 1.2")) == [files[2]]
    assert chosen(text, Target(python="3.12.1", platform="linux-x86_64", libc="glibc 2.12")) == [files[0]]
    assert chosen(text, Target(python="3.12.1", platform="linux-aarch64", libc="glibc 2.36")) == [files[0]]


def test_what_markers_leave_out_is_left_out() -> None:
    text = lock_of(
        package("a", "a-1.0-py3-none-any.whl", marker="sys_platform == 'win32'"),
        package("b", "b-1.0-py3-none-any.whl", marker="python_version >= '3.12'"),
    )

    assert chosen(text) == ["b-1.0-py3-none-any.whl"]


def test_each_package_without_a_wheel_is_named() -> None:
    text = lock_of(
        package("a", sdist=True), package("b", "b-1.0-cp39-cp39-win32.whl"), package("c", "c-1.0-py3-none-any.whl")
    )

    assert chosen(text) == ["a comes as source", "no wheel of b fits linux-x86_64", "c-1.0-py3-none-any.whl"]
    assert isinstance(locked_wheels(read_lock(text, resolver="uv"), HERE)[0], NoWheel)


def test_the_tags_are_those_that_packaging_finds_on_such_a_machine() -> None:
    libc = next(tag for tag in tags.platform_tags() if tag.startswith("manylinux"))
    _, major, minor, machine = libc.split("_", 3)
    ours = list(platform_tags(machine, f"glibc {major}.{minor}"))

    assert [tag for tag in ours if tag in set(tags.platform_tags())] == list(tags.platform_tags())


def test_a_wheel_is_fetched_once_and_must_be_what_the_lock_says(tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "a-1.0-py3-none-any.whl").write_bytes(b"wheel")
    settings = IndexSettings(no_index=True, find_links=(str(folder),))
    good = LockedWheel(package="a", file="a-1.0-py3-none-any.whl", sha256=digest("wheel"))

    (first,) = fetch_wheels([good], settings, tmp_path / "cache")
    (folder / "a-1.0-py3-none-any.whl").write_bytes(b"other")
    (again,) = fetch_wheels([good], settings, tmp_path / "cache")

    assert (first, first.read_bytes()) == (again, b"wheel")
    with pytest.raises(InfraError, match="another file of this name"):
        fetch_wheels([good], settings, tmp_path / "empty")
