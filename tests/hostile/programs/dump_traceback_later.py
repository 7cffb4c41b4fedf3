"""Waits for ever, until faulthandler's own watchdog ends it."""

import faulthandler
import threading

faulthandler.dump_traceback_later(4, exit=True)
threading.Event().wait()
