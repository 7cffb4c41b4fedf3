"""Becomes a new program again and again, then waits for ever."""

import os
import sys

left = int(sys.argv[1]) if len(sys.argv) > 1 else 20
if left:
    os.execv(sys.executable, [sys.executable, "-S", __file__, str(left - 1)])
os.read(os.pipe()[0], 1)
