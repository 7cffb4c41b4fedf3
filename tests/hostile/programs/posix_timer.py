"""Waits for ever, until a POSIX timer sends a signal."""

import ctypes
import signal

librt = ctypes.CDLL("librt.so.1", use_errno=True)
signal.signal(signal.SIGALRM, lambda *_: None)
timer = ctypes.c_void_p()
assert librt.timer_create(1, None, ctypes.byref(timer)) == 0
assert librt.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 4, 0), None) == 0
signal.pause()
print("woken")
