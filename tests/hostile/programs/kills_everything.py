"""Kills everything that it may; refuses outside of a pid namespace of its own."""

import os
import signal

if os.readlink("/proc/self/ns/pid") == os.environ["OUTER_PID_NAMESPACE"]:
    raise SystemExit("there is no pid namespace around this")
try:
    os.kill(-1, signal.SIGKILL)
except ProcessLookupError:
    print("alone")
