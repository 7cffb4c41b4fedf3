"""Ends with a named piece of shared memory and a System V segment that it has used for a while."""

import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
assert libc.shmget(int(os.environ["CELL_KEY"]), 4096, 0o1600) >= 0
with open("/dev/shm/" + os.environ["CELL_MARK"], "wb") as file:
    file.write(bytes(4096))
    file.flush()
    time.sleep(1.5)
