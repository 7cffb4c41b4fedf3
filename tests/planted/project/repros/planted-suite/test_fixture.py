import hang
import pytest


@pytest.fixture(scope="session")
def answer():
    hang.act()
    return 42


def test_first_to_need_it(answer):
    assert answer == 42


def test_second_to_need_it(answer):
    assert answer == 42


def test_without_it():
    pass
