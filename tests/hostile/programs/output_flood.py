"""Writes lines without end."""

import os

os.write(1, b"begin\n")
while True:
    os.write(1, b"line\n" * 10000)
