"""Looks again and again, with hardly a pause, for something that never comes."""

import os
import time

while not os.path.exists("never"):
    time.sleep(0.001)
