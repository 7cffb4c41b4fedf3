"""Burns a core for longer than it may, in children of which each ends soon."""

import os

while True:
    if not os.fork():
        while sum(os.times()[:2]) < 0.2:
            pass
        os._exit(0)
    os.wait()
