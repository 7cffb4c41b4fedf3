"""Doubles itself without end; refuses where nothing outside bounds it."""

import os
import time

assert "CELL_BOUNDED" in os.environ
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.1)
