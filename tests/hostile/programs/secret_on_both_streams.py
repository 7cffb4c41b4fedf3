"""Tells a secret in an error, and in the name of a process that it leaves behind."""

import os
import subprocess
import sys

secret = os.environ["TOLD"]
sys.stderr.write(secret + "\n")
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(605)", secret])
