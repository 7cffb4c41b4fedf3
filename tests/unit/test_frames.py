"""Names of source files that are the same on every machine."""

from __future__ import annotations

import pytest

from bisectrix.model.frames import shorten


@pytest.mark.parametrize(
    ("file", "short"),
    [
        ("/x/lib/python3.12/site-packages/httpx/_client.py", "httpx/_client.py"),
        ("/x/lib64/python3.9/site-packages/a/site-packages/b.py", "b.py"),
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", "yaml/__init__.py"),
        ("/home/me/.pyenv/versions/3.13.0/lib/python3.13/asyncio/locks.py", "asyncio/locks.py"),
        ("/opt/lib/python3.13t/threading.py", "threading.py"),
        ("/opt/lib/pypy3.10/threading.py", "threading.py"),
        ("/somewhere/else/program.py", "program.py"),
        ("program.py", "program.py"),
        ("<string>", "<string>"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>"),
        ("", ""),
    ],
)
def test_where_things_are_installed_does_not_show(file: str, short: str) -> None:
    assert shorten(file) == short


def test_a_file_below_a_root_is_told_relative_to_the_nearest() -> None:
    assert shorten("/home/cell/suite/tests/test_it.py", "/home/cell", "/home/cell/suite/") == "tests/test_it.py"


@pytest.mark.parametrize("root", ["", "/", "/home/cel"])
def test_a_root_that_holds_everything_or_only_looks_alike_is_none(root: str) -> None:
    assert shorten("/home/cell/program.py", root) == "program.py"
