"""Leaves a file of shared memory, a System V segment and a semaphore, all with names that the audit knows."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
key = int(os.environ["CELL_KEY"])
with open("/dev/shm/" + os.environ["CELL_MARK"], "wb") as file:
    file.write(bytes(4096))
assert libc.shmget(key, 4096, 0o1600) >= 0
assert libc.semget(key, 1, 0o1600) >= 0
if not os.fork():
    os.setsid()
    os.execlp("sleep", "sleep", "603")
