"""Waits for the end of a child that stands still."""

import os
import signal

if not os.fork():
    os.kill(os.getpid(), signal.SIGSTOP)
os.wait()
