"""Waits for ever, until its own interval timer."""

import signal

signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 4)
signal.pause()
print("woken")
