"""Ends well, but a child with every signal ignored and its name changed stays."""

import ctypes
import os
import signal

if not os.fork():
    os.setsid()
    ctypes.CDLL(None).prctl(15, b"kworker/0:1", 0, 0, 0)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        signal.pause()
