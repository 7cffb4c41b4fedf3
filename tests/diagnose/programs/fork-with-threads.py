# /// script
# requires-python = "==3.12.*"
# dependencies = []
# ///
"""A fork beside a thread that holds a lock: the child waits for it; the look-alike deadlocks without a fork."""

import faulthandler
import multiprocessing
import sys
import threading
import time

LOCK = threading.Lock()


def hold():
    with LOCK:
        time.sleep(1)


def in_child():
    faulthandler.dump_traceback_later(0.5, exit=True)
    with LOCK:
        pass


def forked():
    threading.Thread(target=hold, daemon=True).start()
    child = multiprocessing.get_context("fork").Process(target=in_child)
    child.start()
    child.join()


def twice():
    faulthandler.dump_traceback_later(0.5, exit=True)
    with LOCK, LOCK:
        pass


FACES = {"true": forked, "lookalike": twice}


FACES[sys.argv[1]]()
