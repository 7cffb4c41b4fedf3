"""Blocks every signal that can be blocked, then waits for ever."""

import signal
import threading

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() if hasattr(signal, "valid_signals") else range(1, 65))
threading.Event().wait()
