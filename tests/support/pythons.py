"""The Pythons that run the programs of tests: the one of the tests, and others where somebody has named them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from bisectrix.environments.interpreters import find_interpreters, usable

OTHERS = tuple(path for path in os.environ.get("BISECTRIX_TEST_PYTHONS", "").split(os.pathsep) if path)
"""Paths of interpreters, separated as a PATH is."""

ALL = (sys.executable, *OTHERS)


def not_older_than(version: str, cache: Path) -> str:
    """Return the newest Python that is named or found on this machine; where that is older, the test is skipped.

    Args:
        version: `3.14`.
        cache: a folder in which to remember what the Pythons of the machine said.
    """
    folders = [str(Path(python).parent) for python in OTHERS]
    environ = {**os.environ, "PATH": os.pathsep.join([*folders, os.environ["PATH"]])}
    newest = usable(find_interpreters(environ, cache=cache))[-1]
    if Version(newest.version) < Version(version):
        pytest.skip(f"no Python {version} or later here; BISECTRIX_TEST_PYTHONS can name one")
    return str(newest.path)
