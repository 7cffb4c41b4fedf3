"""Waits for ever, until its own alarm."""

import signal

signal.signal(signal.SIGALRM, lambda *_: None)
signal.alarm(4)
signal.pause()
print("woken")
