"""Locks that name no host: what is kept, what goes, and what an installer reads of them."""

from __future__ import annotations

import tomllib
from textwrap import dedent

import pytest
from packaging.pylock import Pylock

from bisectrix.errors import InfraError
from bisectrix.resolve.portable import portable_lock, read_lock, requirements

HEAD = 'lock-version = "1.0"\ncreated-by = "uv"\nrequires-python = ">=3.12.1"\n'
A = "a" * 64
B = "b" * 64

RELEASED = f"""
[[packages]]
name = "wrapt"
version = "2.0"
index = "http://index.test/simple"
sdist = {{ url = "http://files.test/x/wrapt-2.0.tar.gz", upload-time = 2024-01-01T00:00:00Z, size = 3, hashes = {{ sha256 = "{A}" }} }}
wheels = [
  {{ url = "http://files.test/y/wrapt-2.0-py3-none-any.whl", hashes = {{ sha256 = "{B}" }} }},
]
"""

MARKED = f"""
[[packages]]
name = "exceptiongroup"
version = "1.3.1"
marker = "python_full_version < '3.11'"
wheels = [{{ url = "file:///wheels/exceptiongroup-1.3.1-py3-none-any.whl", hashes = {{ md5 = "{A}", sha512 = "{B}" }} }}]
"""

BY_ADDRESS = f"""
[[packages]]
name = "six"
version = "1.16.0"
archive = {{ url = "http://asked.test/six-1.16.0-py2.py3-none-any.whl", size = 9, hashes = {{ sha256 = "{A}" }} }}
"""

FROM_GIT = f"""
[[packages]]
name = "tool"
vcs = {{ type = "git", url = "http://git.test/tool", requested-revision = "v1", commit-id = "{A[:40]}", subdirectory = "py" }}
"""


def portable(*packages: str) -> str:
    text = HEAD + ("".join(packages) or "packages = []\n")
    return portable_lock(text, python="3.12", resolver="uv 0").text


def test_a_file_is_named_by_its_name_and_its_hash_alone() -> None:
    assert portable(RELEASED) == dedent(f"""\
        lock-version = "1.0"
        created-by = "bisectrix"
        requires-python = "==3.12.*"

        [[packages]]
        name = "wrapt"
        version = "2.0"
        sdist = {{path = "wrapt-2.0.tar.gz", hashes = {{sha256 = "{A}"}}}}
        wheels = [
            {{path = "wrapt-2.0-py3-none-any.whl", hashes = {{sha256 = "{B}"}}}},
        ]
    """)


def test_packages_stand_in_the_order_of_their_names_whatever_the_resolver_wrote() -> None:
    assert portable(RELEASED, MARKED) == portable(MARKED, RELEASED)
    lock = read_lock(portable(RELEASED, MARKED), resolver="uv 0")
    assert lock.packages == (("exceptiongroup", "1.3.1"), ("wrapt", "2.0"))


def test_a_lock_without_packages_is_a_lock() -> None:
    lock = read_lock(portable(), resolver="uv 0")
    assert lock.packages == ()
    assert requirements(lock).text == ""
    assert tomllib.loads(lock.text)["packages"] == []


def test_of_several_hashes_the_first_strong_one_is_kept_and_weak_ones_only_where_there_is_no_other() -> None:
    assert tomllib.loads(portable(MARKED))["packages"][0]["wheels"][0]["hashes"] == {"sha512": B}
    weak = MARKED.replace(f', sha512 = "{B}"', "")
    assert tomllib.loads(portable(weak))["packages"][0]["wheels"][0]["hashes"] == {"md5": A}


def test_an_address_that_was_asked_for_stays() -> None:
    lock = read_lock(portable(BY_ADDRESS), resolver="uv 0")
    assert requirements(lock).text == f"six @ http://asked.test/six-1.16.0-py2.py3-none-any.whl --hash=sha256:{A}\n"
    assert requirements(lock).hashed


def test_a_commit_that_was_asked_for_stays_and_hashes_cannot_be_demanded_then() -> None:
    lock = read_lock(portable(FROM_GIT, RELEASED), resolver="uv 0")
    wanted = requirements(lock)
    assert wanted.text.splitlines()[0] == f"tool @ git+http://git.test/tool@{A[:40]}#subdirectory=py"
    assert not wanted.hashed
    assert lock.packages[0] == ("tool", f"0+git.{A[:12]}")


def test_requirements_are_exact_with_every_hash_and_marker() -> None:
    wanted = requirements(read_lock(portable(RELEASED, MARKED), resolver="uv 0"))
    assert wanted.text.splitlines() == [
        f'exceptiongroup==1.3.1 ; python_full_version < "3.11" --hash=sha512:{B}',
        f"wrapt==2.0 --hash=sha256:{B} --hash=sha256:{A}",
    ]
    assert wanted.hashed


def test_the_same_packages_are_the_same_lock_whatever_index_served_them() -> None:
    elsewhere = RELEASED.replace("index.test", "mirror.test").replace("files.test", "mirror.test")
    assert portable(RELEASED) == portable(elsewhere)


def test_a_portable_lock_is_valid_by_the_specification_and_names_no_host() -> None:
    text = portable(RELEASED, MARKED)
    Pylock.from_dict(tomllib.loads(text)).validate()
    assert "test" not in text.replace("latest", "")
    assert "://" not in text


@pytest.mark.parametrize("text", ["not toml at all", HEAD, HEAD + RELEASED.replace(A, "").replace("sha256", "x")[:60]])
def test_what_is_no_lock_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(InfraError, match="the lock is"):
        read_lock(text, resolver="uv 0")
