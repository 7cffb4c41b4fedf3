"""Leaves a pid namespace with a process in it that nobody can signal by a number it knows."""

import ctypes
import os
import time

CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWPID):
    raise SystemExit("no namespaces here")
if not os.fork():
    os.setsid()
    for _ in range(2):
        if not os.fork():
            break
    time.sleep(600)
