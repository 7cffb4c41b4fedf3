"""Leaves a message queue of System V with a message in it that it has sent."""

import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
number = libc.msgget(int(os.environ["CELL_KEY"]), 0o1600)
assert number >= 0
assert libc.msgsnd(number, (ctypes.c_long * 2)(1, 2), 8, 0) == 0
time.sleep(1.5)
