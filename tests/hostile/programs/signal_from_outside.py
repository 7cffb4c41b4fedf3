"""Waits for a signal that somebody outside sends."""

import signal

signal.signal(signal.SIGUSR1, lambda *_: None)
print("ready", flush=True)
signal.pause()
print("woken")
