"""Waits for a lock on a file that somebody outside holds."""

import fcntl

with open("locked", "ab") as file:
    print("ready", flush=True)
    fcntl.flock(file, fcntl.LOCK_EX)
print("woken")
