"""Makes a pid namespace and kills everything in it, then waits for the next one to do the same."""

import ctypes
import os
import signal
import time

CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWPID):
    raise SystemExit("no namespaces here")
if not os.fork():
    if os.getpid() != 1:
        os._exit(3)
    if not os.fork():
        time.sleep(600)
    os.kill(-1, signal.SIGKILL)
    os._exit(0)
raise SystemExit(os.wait()[1] >> 8)
