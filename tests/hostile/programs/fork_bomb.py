"""Doubles itself without end; refuses where nothing outside bounds it."""

import os
import sys

assert "CELL_BOUNDED" in os.environ
sys.stdout.close()
while True:
    try:
        os.fork()
    except OSError:
        os.sched_yield()
