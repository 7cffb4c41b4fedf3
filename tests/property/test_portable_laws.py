"""What holds for every portable lock."""

from __future__ import annotations

import tomllib

import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from packaging.pylock import Pylock

from bisectrix.resolve.portable import portable_lock, read_lock, requirements

names = st.sampled_from(["a", "b", "bee", "b-2", "vcrpy", "zope-interface"])
versions = st.tuples(st.integers(0, 99), st.integers(0, 99), st.sampled_from(["", ".1", "rc1"])).map(
    lambda parts: f"{parts[0]}.{parts[1]}{parts[2]}"
)
digests = st.integers(0, 16**64 - 1).map(lambda number: f"{number:064x}")
hosts = st.sampled_from(["http://one.test/", "https://u:p@two.test/a/b/", "file:///folder/"])


@st.composite
def packages(draw: st.DrawFn) -> dict[str, object]:
    name, version, host = draw(names), draw(versions), draw(hosts)
    stem = f"{host}{name.replace('-', '_')}-{version}"
    wheel = {"url": f"{stem}-py3-none-any.whl", "size": 1, "hashes": {"sha256": draw(digests)}}
    sdist = {"url": f"{stem}.tar.gz", "hashes": {"sha256": draw(digests)}}
    kinds = draw(st.sampled_from([("wheels",), ("sdist",), ("sdist", "wheels")]))
    files = {"wheels": [wheel], "sdist": sdist}
    return {"name": name, "version": version, **{kind: files[kind] for kind in kinds}}


locks = st.lists(packages(), max_size=4, unique_by=lambda package: str(package["name"]))


def pylock(contents: list[dict[str, object]]) -> str:
    return tomlkit.dumps({"lock-version": "1.0", "created-by": "uv", "packages": contents})


@given(locks)
def test_it_is_valid_names_no_host_and_keeps_every_package(contents: list[dict[str, object]]) -> None:
    lock = portable_lock(pylock(contents), python="3.12", resolver="uv 0")
    Pylock.from_dict(tomllib.loads(lock.text)).validate()
    assert "://" not in lock.text
    assert lock.packages == tuple(sorted((str(p["name"]), str(p["version"])) for p in contents))


@given(locks, st.permutations(range(4)))
def test_the_order_in_which_packages_were_written_does_not_matter(
    contents: list[dict[str, object]], order: list[int]
) -> None:
    shuffled = [contents[place] for place in order if place < len(contents)]
    first, second = (portable_lock(pylock(c), python="3.12", resolver="uv 0") for c in (contents, shuffled))
    assert first.text == second.text


@given(locks)
def test_making_it_portable_again_and_reading_it_back_change_nothing(contents: list[dict[str, object]]) -> None:
    lock = portable_lock(pylock(contents), python="3.12", resolver="uv 0")
    assert portable_lock(lock.text, python="3.12", resolver="uv 0") == lock == read_lock(lock.text, resolver="uv 0")


@given(locks)
def test_the_requirements_name_each_hash_once_and_can_be_demanded(contents: list[dict[str, object]]) -> None:
    lock = portable_lock(pylock(contents), python="3.12", resolver="uv 0")
    wanted = requirements(lock)
    assert wanted.hashed
    assert wanted.text.count("--hash=") == lock.text.count("sha256 =")
    assert wanted.text.count("==") == len(contents)
