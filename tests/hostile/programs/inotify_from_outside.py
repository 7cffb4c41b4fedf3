"""Waits for a change in a folder; somebody outside makes one."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
watch = libc.inotify_init()
assert libc.inotify_add_watch(watch, b".", 0x100) >= 0
print("ready", flush=True)
os.read(watch, 4096)
print("woken")
