"""Looks twenty times a second for something that never comes."""

import os
import time

while not os.path.exists("never"):
    time.sleep(0.05)
