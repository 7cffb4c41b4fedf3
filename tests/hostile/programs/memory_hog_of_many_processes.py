"""Takes memory without end in several processes, none of which takes too much."""

import os
import time

for _ in range(4):
    if not os.fork():
        kept = [bytearray(b"x" * (60 << 20))]
        time.sleep(600)
for _ in range(4):
    os.wait()
