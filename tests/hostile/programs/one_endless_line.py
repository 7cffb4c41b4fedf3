"""Writes one line of ten gigabytes."""

import os

for _ in range(10000):
    os.write(1, b"x" * (1 << 20))
