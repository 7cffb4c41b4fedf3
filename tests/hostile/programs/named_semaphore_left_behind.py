"""Leaves a named semaphore that it has in its memory for a while; its descriptor is closed at once."""

import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.sem_open.restype = ctypes.c_void_p
assert libc.sem_open(b"/" + os.environ["CELL_MARK"].encode(), os.O_CREAT, 0o600, 1)
time.sleep(1.5)
