"""Leaves a process in a session of its own that has no variable of ours in its environment."""

import os

if not os.fork():
    os.setsid()
    os.execve("/bin/sleep", ["sleep", "602"], {})
