"""Is killed by SIGABRT in 2.0 and by SIGSEGV in 3.0."""

import ctypes
import os


def act():
    if __version__ == "2.0":
        os.abort()
    if __version__ == "3.0":
        ctypes.string_at(0)
