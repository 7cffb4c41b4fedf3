"""Recurses in C until the stack is used up."""

import ctypes
import resource
import sys

sys.setrecursionlimit(10**9)
resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))


@ctypes.CFUNCTYPE(ctypes.c_int)
def again():
    """Come back through C."""
    return again()


again()
