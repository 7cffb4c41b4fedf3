"""Sends its parent everything that it could take for an order."""

import os
import signal

for name in ("HUP", "INT", "TERM", "USR1", "USR2", "ALRM", "CONT", "WINCH"):
    os.kill(os.getppid(), getattr(signal, "SIG" + name))
