"""Makes a file that is far larger than any disk, of nothing."""

import time

with open("sparse", "wb") as file:
    file.truncate(1 << 40)
time.sleep(3600)
