"""Waits for ever without a handler, until the alarm ends it."""

import signal
import threading

signal.alarm(4)
threading.Lock().acquire()
threading.Event().wait()
