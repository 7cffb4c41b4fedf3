# /// script
# requires-python = "==3.12.*"
# dependencies = ["pytest==8.4.1", "pytest-timeout==2.4.0"]
# ///
"""A test that pytest-timeout ends, by both its methods; the look-alike has a time limit of its own."""

import sys
from pathlib import Path

import pytest

TESTS = """
import asyncio, time

def test_waits():
    time.sleep(60)

def test_gives_up():
    asyncio.run(asyncio.wait_for(asyncio.sleep(60), 0.1))
"""


def run(test, *more):
    Path("test_orders.py").write_text(TESTS)
    sys.exit(pytest.main(["-p", "no:cacheprovider", f"test_orders.py::{test}", *more]))


FACES = {
    "true": lambda: run("test_waits", "--timeout=1"),
    "true-thread": lambda: run("test_waits", "--timeout=1", "--timeout-method=thread"),
    "lookalike": lambda: run("test_gives_up", "--timeout=30"),
}


FACES[sys.argv[1]]()
