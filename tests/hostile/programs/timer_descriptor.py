"""Reads a timer descriptor."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
timer = libc.timerfd_create(1, 0)
libc.timerfd_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 4, 0), None)
os.read(timer, 8)
print("woken")
