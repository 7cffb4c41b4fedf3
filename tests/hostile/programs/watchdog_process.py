"""Waits for ever, until a process of its own kills it."""

import os
import signal
import time

parent = os.getpid()
if not os.fork():
    time.sleep(4)
    os.kill(parent, signal.SIGTERM)
    os._exit(0)
signal.pause()
