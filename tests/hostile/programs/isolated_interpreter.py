"""Starts itself again without site, environment or user folders, and waits for ever there."""

import os
import sys

if not sys.flags.no_site:
    os.execv(sys.executable, [sys.executable, "-S", "-I", "-E", __file__])
import threading

threading.Event().wait()
