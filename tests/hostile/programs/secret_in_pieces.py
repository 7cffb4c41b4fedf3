"""Tells a secret, in pieces."""

import os
import time

secret = os.environ["TOLD"]
for letter in secret:
    os.write(1, letter.encode())
    time.sleep(0.01)
