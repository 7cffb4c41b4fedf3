"""Never collects sixty children that have ended, and sleeps."""

import os
import time

for _ in range(60):
    if not os.fork():
        os._exit(0)
time.sleep(3600)
