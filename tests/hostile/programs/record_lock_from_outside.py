"""Waits for a POSIX lock on a file that somebody outside holds."""

import fcntl

with open("locked", "ab") as file:
    print("ready", flush=True)
    fcntl.lockf(file, fcntl.LOCK_EX)
print("woken")
