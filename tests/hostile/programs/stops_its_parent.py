"""Stops whoever started it, then waits for ever."""

import os
import signal

os.kill(os.getppid(), signal.SIGSTOP)
signal.pause()
