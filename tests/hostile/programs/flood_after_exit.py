"""Ends well while a daemon goes on writing to its standard output as fast as it can."""

import os

if not os.fork():
    os.setsid()
    while True:
        os.write(1, b"flood " * 1000)
