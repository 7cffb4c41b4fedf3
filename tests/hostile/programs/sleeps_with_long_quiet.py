"""Only sleeps, under a deadline that is shorter than the quiet time."""

import time

time.sleep(3600)
