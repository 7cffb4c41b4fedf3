"""Fills a file that has no name any more."""

import os

with open("gone", "wb") as file:
    os.unlink("gone")
    while True:
        file.write(bytes(1 << 20))
