"""Ends well and leaves a daemon behind, twice forked and in a session of its own."""

import os

if not os.fork():
    os.setsid()
    if os.fork():
        os._exit(0)
    os.execlp("sleep", "sleep", "600")
os.wait()
