"""A child writes to a parent that waits for the child's end before it reads."""

import os

reader, writer = os.pipe()
if not os.fork():
    os.close(reader)
    os.write(writer, bytes(1 << 20))
    os._exit(0)
os.wait()
os.read(reader, 1 << 20)
