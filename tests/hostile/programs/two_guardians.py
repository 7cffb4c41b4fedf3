"""Leaves two guardians that restart each other whenever one is killed."""

import os
import time


def guard():
    """Have a partner; whoever sees the other end starts a new one."""
    while True:
        pid = os.fork()
        if not pid:
            parent = os.getppid()
            while os.getppid() == parent:
                time.sleep(0.001)
            continue
        os.waitpid(pid, 0)


if not os.fork():
    os.setsid()
    guard()
