"""Sleeps far longer than it may."""

import time

time.sleep(3600)
