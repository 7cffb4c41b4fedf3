"""Ends itself by the signal that we end others by."""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
