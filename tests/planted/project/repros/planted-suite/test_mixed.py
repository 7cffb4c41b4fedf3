import os

import hang
import pytest


def test_before():
    pass


def test_that_hangs_with_the_package():
    hang.act()


@pytest.mark.parametrize("text", ["a b", "a::b", "a\nb"])
def test_with_awkward_ids(text):
    assert text != "a::b"


def test_that_crashes():
    os.abort()


def test_that_is_skipped():
    pytest.skip("on purpose")


@pytest.mark.xfail
def test_that_is_expected_to_fail():
    raise ValueError


def test_after():
    pass
