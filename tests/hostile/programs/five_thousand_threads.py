"""Starts more threads than it may."""

import os
import threading

assert "CELL_BOUNDED" in os.environ
threading.stack_size(64 << 10)
stay = threading.Event()
for _ in range(5000):
    threading.Thread(target=stay.wait, daemon=True).start()
stay.wait()
