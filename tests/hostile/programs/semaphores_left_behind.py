"""Leaves semaphores of System V that it has used for a while."""

import ctypes
import os
import time

ADD_ONE = (ctypes.c_short * 3)(0, 1, 0)

libc = ctypes.CDLL(None, use_errno=True)
number = libc.semget(int(os.environ["CELL_KEY"]), 2, 0o1600)
assert number >= 0
assert libc.semop(number, ADD_ONE, 1) == 0
time.sleep(1.5)
