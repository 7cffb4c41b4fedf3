"""Takes memory without end."""

import time

kept = []
while True:
    kept.append(bytearray(b"x" * (1 << 22)))
    time.sleep(0.005)
