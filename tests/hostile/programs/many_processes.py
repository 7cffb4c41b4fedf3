"""Starts more processes than it may, and waits for them."""

import subprocess

children = [subprocess.Popen(["sleep", "604"]) for _ in range(60)]
for child in children:
    child.wait()
