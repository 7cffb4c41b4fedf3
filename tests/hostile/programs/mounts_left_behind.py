"""Mounts a file system in its folder, where it may, and leaves it."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("mounted")
if libc.unshare(0x00020000 | (0 if os.getuid() == 0 else 0x10000000)):
    raise SystemExit(0)
libc.mount(b"none", b"/", None, 0x44000, None)
libc.mount(b"none", b"mounted", b"tmpfs", 0, None)
if not os.fork():
    os.setsid()
    os.chdir("mounted")
    os.execlp("sleep", "sleep", "606")
