"""Starts two hundred processes, which all end."""

import os

reader, writer = os.pipe()
for _ in range(200):
    if not os.fork():
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
os.close(writer)
for _ in range(200):
    os.wait()
