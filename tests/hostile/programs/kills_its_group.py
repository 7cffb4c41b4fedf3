"""Ends its process group, which must be its own."""

import os
import signal

os.killpg(0, signal.SIGKILL)
