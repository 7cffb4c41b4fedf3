"""Fails now and then: the version is the probability."""

import os
import random


def act():
    if dice().random() < float(__version__):
        raise RuntimeError("bad luck")


def dice():
    """Real ones, or with FLAKY_TOSSES the nth of a sequence that is always the same; the file counts to n."""
    if "FLAKY_TOSSES" not in os.environ:
        return random.Random()
    counter = os.open(f"{os.environ['FLAKY_TOSSES']}-{__version__}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(counter, b".")
    return random.Random(os.lseek(counter, 0, os.SEEK_CUR))
