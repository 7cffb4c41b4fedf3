# /// script
# requires-python = "==3.12.*"
# dependencies = ["pytest==8.4.1", "pytest-xdist==3.8.0"]
# ///
"""A test ends its worker; the look-alike fails in it."""

import sys
from pathlib import Path

import pytest

TESTS = """
import os

def test_crashes():
    {}

def test_passes():
    pass
"""


def run(body):
    Path("test_orders.py").write_text(TESTS.format(body))
    sys.exit(pytest.main(["-n", "1", "-p", "no:cacheprovider", "test_orders.py"]))


FACES = {"true": lambda: run("os._exit(3)"), "lookalike": lambda: run("assert os.getpid() < 0")}


FACES[sys.argv[1]]()
