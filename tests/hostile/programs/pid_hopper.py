"""Leaves a process that moves on to a new pid without end."""

import os

if not os.fork():
    while True:
        if os.fork():
            os._exit(0)
