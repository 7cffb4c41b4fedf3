"""Waits for a child that waits for its standard input, which we hold and never close."""

import subprocess
import sys

child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
child.wait()
