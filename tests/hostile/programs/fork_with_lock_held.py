"""Forks while a thread holds a lock: in the child nobody is left to release it."""

import os
import threading
import time

lock = threading.Lock()
held = threading.Event()


def hold():
    """Hold the lock for a while."""
    with lock:
        held.set()
        time.sleep(0.3)


threading.Thread(target=hold).start()
held.wait()
if not os.fork():
    lock.acquire()
os.wait()
