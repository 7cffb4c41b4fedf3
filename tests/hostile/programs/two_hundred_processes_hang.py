"""Two hundred processes wait for a word on a pipe that their parent holds and forgets."""

import os

reader, writer = os.pipe()
for _ in range(200):
    if not os.fork():
        os.read(reader, 1)
        os._exit(0)
os.wait()
