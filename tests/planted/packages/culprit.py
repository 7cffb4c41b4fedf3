"""Raises the planted bug from 2.0.0 until it was fixed in 4.0.0; 3.1.0 fails in another way."""


def act():
    if __version__ in {"2.0.0", "3.0.0"}:
        raise RuntimeError("the planted bug")
    if __version__ == "3.1.0":
        raise ImportError("something else")
